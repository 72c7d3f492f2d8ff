"""The interface keeps its own OpenAPI document, whatever is sent to it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from tests.integration.api.stack import memory_stores, running_stack

EXAMPLES_PER_OPERATION = 15
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    ignored_auth,
    unsupported_method,
]
START_SECONDS_MAX = 30


class LiveServer:
    """The real application over a memory store, on a loopback port, in a thread of its own."""

    def __init__(self, static_directory: Path) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.headers: dict[str, str] = {}
        self._static_directory = static_directory
        self._server: uvicorn.Server | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(START_SECONDS_MAX)

    def stop(self) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join()
        self.listener.close()

    async def _serve(self) -> None:
        async with running_stack(memory_stores(), self._static_directory) as stack:
            self.headers = (await stack.register()).headers
            config = uvicorn.Config(stack.app, lifespan="off", log_config=None, ws="none")
            self._server = uvicorn.Server(config)
            self._ready.set()
            await self._server.serve(sockets=[self.listener])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path_factory.mktemp("static"))
    live.start()
    yield live
    live.stop()


@pytest.fixture(scope="module")
def document(server: LiveServer) -> Any:
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json")


def test_every_answer_is_a_documented_one(document: Any, server: LiveServer) -> None:
    probed = 0
    # Signing out would leave the cases after it without a session.
    for found in document.exclude(path="/api/v1/auth/logout").get_all_operations():
        _probe(found.ok(), server)
        probed += 1
    assert probed >= 20


def _probe(operation: schemathesis.APIOperation, server: LiveServer) -> None:
    @settings(
        max_examples=EXAMPLES_PER_OPERATION,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(GenerationMode.POSITIVE)
        | operation.as_strategy(GenerationMode.NEGATIVE)
    )
    def probe(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=server.url, headers=server.headers, checks=CHECKS)

    probe()


def test_every_operation_documents_its_refusals(document: Any) -> None:
    paths = document.raw_schema["paths"]
    silent = [
        f"{method} {path}"
        for path, operations in paths.items()
        for method, operation in operations.items()
        if path.startswith("/api/v1/") and not any(s >= "400" for s in operation["responses"])
    ]
    assert silent == []
    assert "HTTPValidationError" not in document.raw_schema["components"]["schemas"]
    assert "retry" in document.raw_schema["components"]["schemas"]["Problem"]["required"]
