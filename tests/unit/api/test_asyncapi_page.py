"""The page of the WebSocket: whole, safe under the server's policy, and served."""

from html.parser import HTMLParser

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from sectorwars.api.asyncapi import asyncapi_document
from sectorwars.api.asyncapi_page import asyncapi_page
from sectorwars.api.paths import is_server_path
from sectorwars.api.routes import asyncapi

VOID = {"meta", "link", "br"}


class Reader(HTMLParser):
    """Notes a page's elements, links and ids; fails on an element that is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag not in VOID:
            self._open.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in {"href", "src"}:
                self.links.add(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page() -> Reader:
    return Reader(asyncapi_page(asyncapi_document("1")))


def test_nothing_on_it_needs_more_than_the_policy_allows(page: Reader) -> None:
    assert not {"script", "style", "iframe", "img"} & page.elements
    assert "style" not in page.attributes
    assert not [name for name in page.attributes if name.startswith("on")]
    assert {link for link in page.links if not link.startswith("#")} == {
        "/asyncapi.css",
        "/favicon.svg",
        "/asyncapi.json",
        "/openapi.json",
    }


def test_its_links_lead_to_its_parts(page: Reader) -> None:
    assert len(page.ids) == len(set(page.ids))
    inside = {link.removeprefix("#") for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)


def test_it_shows_every_frame_shape_and_code(page: Reader) -> None:
    document = asyncapi_document("1")
    for channel in document["channels"].values():
        for key in channel["messages"]:
            assert key in page.text
    for name in document["components"]["schemas"]:
        assert f"shape-{name}" in page.ids
    for refusal in document["x-refusals"]:
        assert refusal["code"] in page.text
    for closing in document["x-close-codes"]:
        assert f"{closing['code']}{closing['name']}{closing['reason']}" in page.text


def test_what_a_document_says_is_escaped() -> None:
    document = {
        **asyncapi_document("1"),
        "info": {"title": "<i>", "version": "1", "description": "`<b>`"},
    }
    page = asyncapi_page(document)
    assert "<i>" not in page
    assert "<code>&lt;b&gt;</code>" in page


async def test_document_page_and_style_are_served() -> None:
    app = FastAPI(version="1", openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(asyncapi.router)
    kinds = {
        "/asyncapi.json": "application/json",
        "/asyncapi": "text/html; charset=utf-8",
        "/asyncapi.css": "text/css; charset=utf-8",
    }
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://game.test"
    ) as http:
        for path, kind in kinds.items():
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
            assert is_server_path(path)
        document = (await http.get("/asyncapi.json")).content
    assert document == msgspec.json.encode(asyncapi_document("1"))


def test_each_cell_names_its_column_for_those_without_room_for_a_table() -> None:
    html = asyncapi_page(asyncapi_document("1"))
    assert "<td>" not in html
    assert html.count('data-head="answered by"') > 10
