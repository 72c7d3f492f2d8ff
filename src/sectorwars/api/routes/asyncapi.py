"""The WebSocket's own description: as a document, and as a page to read."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from sectorwars.api.asyncapi import asyncapi_document
from sectorwars.api.asyncapi_page import STYLE, asyncapi_page
from sectorwars.api.responses import json_response

router = APIRouter(include_in_schema=False)


@router.get("/asyncapi.json")
async def document(request: Request) -> Response:
    """Show the AsyncAPI document of the WebSocket."""
    return json_response(asyncapi_document(request.app.version))


@router.get("/asyncapi")
async def page(request: Request) -> Response:
    """Show the same as a page."""
    return HTMLResponse(asyncapi_page(asyncapi_document(request.app.version)))


@router.get("/asyncapi.css")
async def style() -> Response:
    """Show how the page looks."""
    return Response(STYLE, media_type="text/css")
