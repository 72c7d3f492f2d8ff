"""The vectors under docs/ are what the code makes, and what a gateway takes."""

import hashlib
import hmac
import json
import zlib
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from tests.unit.gateway.doubles import SECRET, surroundings
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.sockets import PlayerSocket

from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import parse_rfc3339
from sectorwars.protocol.canonical import NotCanonicalError, canonical_json
from sectorwars.protocol.channel import SignedChannel
from sectorwars.protocol.delta import DeltaMismatchError, delta_text, rebuilt, whole_text
from sectorwars.protocol.native_commands import COMMAND_REQUESTS, read_command
from sectorwars.protocol.publication import FrameType, Publication
from sectorwars.protocol.shapes.market import MarketRealtime
from sectorwars.protocol.signing import FrameSigner, SessionKey

FOLDER = Path(__file__).parents[3] / "docs" / "vectors"


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())


CANONICAL = read("canonical_json.json")
REQUESTS = read("native_requests.json")
PUBLISHED = read("published_frame.json")
DELTAS = read("deltas.json")


def test_every_file_is_listed() -> None:
    page = (FOLDER / "README.md").read_text()
    files = [path.name for path in FOLDER.glob("*.json")]
    assert len(files) == 5
    for name in files:
        assert f"[{name}]({name})" in page


@pytest.mark.parametrize("vector", CANONICAL["vectors"])
def test_canonical_json(vector: dict[str, Any]) -> None:
    assert canonical_json(vector["value"]).decode() == vector["canonical"]
    assert rfc8785.dumps(vector["value"]).decode() == vector["canonical"]


@pytest.mark.parametrize("text", CANONICAL["without_canonical_form"])
def test_what_has_no_canonical_form(text: str) -> None:
    with pytest.raises(NotCanonicalError):
        canonical_json(json.loads(text))


@pytest.mark.parametrize("vector", REQUESTS["vectors"], ids=lambda vector: vector["frame"]["type"])
def test_native_request_is_signed_with_the_session_key(vector: dict[str, Any]) -> None:
    secret = bytes.fromhex(REQUESTS["session_key"])
    covered = vector["canonical"].encode()
    assert canonical_json(vector["frame"]) == covered
    assert SessionKey(secret).sign(covered) == vector["signature"]
    assert hmac.new(secret, covered, hashlib.sha256).hexdigest() == vector["signature"]


def test_every_command_has_a_vector() -> None:
    frames = [vector["frame"] for vector in REQUESTS["vectors"]]
    commands = [frame for frame in frames if frame["type"] in COMMAND_REQUESTS]
    assert {frame["type"] for frame in commands} == COMMAND_REQUESTS
    for frame in commands:
        assert not isinstance(read_command(frame["type"], frame["data"]), Refusal)


@pytest.mark.parametrize("kind", ["subscribe", "execute_trade", "automation_toggle", "ping"])
async def test_a_gateway_takes_the_signed_request_and_no_other(kind: str) -> None:
    [vector] = [entry for entry in REQUESTS["vectors"] if entry["frame"]["type"] == kind]
    assert bytes.fromhex(REQUESTS["session_key"]) == SECRET
    socket = PlayerSocket(surroundings())
    await socket.send(NativeClient().frame("authenticate", {"token": "good"}))
    assert json.loads(socket.take()[0])["type"] == "auth_success"
    signed = {**vector["frame"], "signature": vector["signature"]}
    await socket.send(json.dumps({**signed, "id": "other"}).encode())
    assert json.loads(socket.take()[0])["data"]["code"] == "invalid_signature"
    await socket.send(json.dumps(signed).encode())
    assert json.loads(socket.take()[0])["type"] != "error"


def test_published_frame_is_signed_by_its_channel() -> None:
    frame = json.loads(PUBLISHED["sent"])
    secret = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(PUBLISHED["secret_key"]))
    signer = FrameSigner(secret, PUBLISHED["key"]["kid"])
    channel = SignedChannel(frame["channel"], frame["epoch"], frame["session_id"], signer, 1)
    publication = Publication(
        frame["channel"],
        FrameType(frame["type"]),
        msgspec.convert(frame["data"], MarketRealtime),
        parse_rfc3339(frame["timestamp"]),
    )
    assert channel.encode(channel.append(publication)).decode() == PUBLISHED["sent"]


def test_published_frame_is_checked_with_the_published_key() -> None:
    frame = json.loads(PUBLISHED["sent"])
    signature = frame.pop("signature")
    assert (signature, frame["kid"]) == (PUBLISHED["signature"], PUBLISHED["key"]["kid"])
    assert canonical_json(frame).decode() == PUBLISHED["canonical"]
    public = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(PUBLISHED["key"]["x"] + "="))
    # It raises where the signature is not the key's.
    public.verify(urlsafe_b64decode(signature + "=="), PUBLISHED["canonical"].encode())


@pytest.mark.parametrize("vector", DELTAS["vectors"], ids=lambda vector: vector["name"])
def test_delta_makes_the_whole_frame(vector: dict[str, str]) -> None:
    base, delta, whole = (vector[name] for name in ("base", "delta", "whole"))
    assert delta_text(base.encode(), whole.encode()).decode() == delta
    assert whole_text(rebuilt(json.loads(base), json.loads(delta))).decode() == whole


@pytest.mark.parametrize("vector", DELTAS["vectors"], ids=lambda vector: vector["name"])
def test_delta_is_followed_by_the_words_of_the_document(vector: dict[str, str]) -> None:
    """By a reader who has read docs/PROTOCOL.md alone: nothing here is the project's code."""
    frame, delta = json.loads(vector["base"]), json.loads(vector["delta"])
    assert (frame["epoch"], frame["offset"]) == (delta["epoch"], delta["data"]["base"])

    def place(pointer: str) -> tuple[Any, Any]:
        *path, last = [
            part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]
        ]
        node = frame
        for part in path:
            node = node[int(part)] if isinstance(node, list) else node[part]
        return node, int(last) if isinstance(node, list) else last

    for pointer in delta["data"].get("unset", []):
        node, name = place(pointer)
        del node[name]
    for pointer, value in delta["data"]["set"].items():
        node, name = place(pointer)
        node[name] = value
    unsigned = {name: value for name, value in frame.items() if name != "signature"}
    text = rfc8785.dumps(unsigned)[:-1] + b',"signature":"%b"}' % frame["signature"].encode()
    assert f"{zlib.crc32(text):08x}" == delta["data"]["checksum"]
    assert text.decode() == vector["whole"]
    public = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(PUBLISHED["key"]["x"] + "="))
    public.verify(urlsafe_b64decode(frame["signature"] + "=="), rfc8785.dumps(unsigned))


@pytest.mark.parametrize("vector", DELTAS["mismatches"], ids=lambda vector: vector["why"])
def test_delta_that_does_not_fit_is_found_out(vector: dict[str, str]) -> None:
    with pytest.raises(DeltaMismatchError):
        rebuilt(json.loads(vector["base"]), json.loads(vector["delta"]))
