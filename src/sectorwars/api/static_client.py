"""The built web client: its page at every path that is not the interface's, and its assets."""

import os
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sectorwars.api.errors import STATUS_BY_CODE, problem_response
from sectorwars.api.paths import ASSETS_PREFIX, is_server_path
from sectorwars.domain.rejection import Refusal, Retry

_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_REVALIDATE: Final = "no-cache"
_COMPRESS_BYTES_MIN: Final = 1_024

_NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sectorwars 2102: page not built</title></head>
<body>
<h1>The server runs, but its page has not been built.</h1>
<p>Start the server with <code>./dev run</code>, which builds the page first, or build it with
<code>npm ci &amp;&amp; npm run build</code> in <code>client/</code>. The interface itself works:
see <a href="/openapi.json">/openapi.json</a>.</p>
</body>
</html>
"""


class StaticClient:
    """Stand before the interface and answer what is the page's; hand the rest on."""

    def __init__(self, app: ASGIApp, *, directory: Path) -> None:
        """Serve the files of `directory`; `index.html` answers every path of the page."""
        self._app = app
        self._directory = directory.resolve()
        self._files = GZipMiddleware(self._answer, minimum_size=_COMPRESS_BYTES_MIN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, or hand on."""
        if scope["type"] != "http" or is_server_path(scope["path"]):
            await self._app(scope, receive, send)
        else:
            await self._files(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._response(scope)(scope, receive, send)

    def _response(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return problem_response(
                Refusal("method_not_allowed", Retry.NEVER, "This path can only be read."),
                headers={"Allow": "GET, HEAD"},
            )
        path: str = scope["path"]
        file = self._file(path)
        if file is not None:
            policy = _IMMUTABLE if path.startswith(ASSETS_PREFIX) else _REVALIDATE
            return _file_response(file, scope, policy)
        # A missing script must not be answered with a page, which the browser would try to run.
        if path.startswith(ASSETS_PREFIX) or "." in path.rpartition("/")[2]:
            return problem_response(
                Refusal("not_found", Retry.NEVER, "There is nothing at this path.")
            )
        index = self._file("/index.html")
        if index is None:
            return HTMLResponse(_NOT_BUILT, STATUS_BY_CODE["not_ready"])
        return _file_response(index, scope, _REVALIDATE)

    def _file(self, path: str) -> Path | None:
        """Return the file at a path, if it is one, and inside the directory."""
        if "\0" in path:
            return None
        file = Path(os.path.normpath(self._directory / path.lstrip("/"))).resolve()
        return file if file.is_relative_to(self._directory) and file.is_file() else None


def _file_response(file: Path, scope: Scope, cache_control: str) -> Response:
    response = FileResponse(file, headers={"cache-control": cache_control}, stat_result=file.stat())
    known = Headers(scope=scope).get("if-none-match", "")
    if response.headers["etag"] in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
        return Response(
            status_code=304,
            headers={"etag": response.headers["etag"], "cache-control": cache_control},
        )
    return response
