"""The OpenAPI document: the framework's, with the one shape that every problem has."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from sectorwars.protocol.shapes.problem import Problem

_DESCRIPTION = """\
Trade ten commodities in a living galaxy. Times are RFC 3339 in UTC; money and goods are integers.
A command is executed once: send it again under the same id (`Idempotency-Key` or `command_id`) and
the stored receipt comes back. Every refusal is an RFC 9457 problem with a `code` and the class of
`retry` that makes sense: `never`, `same_id`, `new_id` or `later`."""


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Return the document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=_DESCRIPTION,
            routes=app.routes,
        )
        schemas = document["components"]["schemas"]
        schemas["Problem"] = TypeAdapter(Problem).json_schema()
        for framework_shape in ("HTTPValidationError", "ValidationError"):
            schemas.pop(framework_shape, None)
        app.openapi_schema = document
    return app.openapi_schema
