"""permessage-deflate, sans-I/O: what is agreed on, and messages pressed and inflated.

No context is taken over by either side: between messages a connection keeps nothing, and one
pressed broadcast is good for every reader.

Source: RFC 7692.
"""

import re
import zlib
from typing import Final

EXTENSION: Final = "permessage-deflate"
WINDOW_BITS: Final = 12
"""Of what we send: a reader needs no more than 4 KiB for it, and prices gain nothing from more."""
PRESSED_BYTES_MIN: Final = 512
"""A shorter message is hardly made any shorter: most of it is a signature."""
_WINDOW_BITS_MAX: Final = 15
_MEMORY_LEVEL: Final = 5
_TAIL: Final = b"\x00\x00\xff\xff"
_AFTER_LAST_BLOCK_MAX: Final = 1 + len(_TAIL)
"""Behind a block that is marked as the last, an empty one stands for the tail."""

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER: Final = rf"[ \t]*;[ \t]*{_WORD}(?:[ \t]*=[ \t]*(?:{_WORD}|\"{_WORD}\"))?"
_OFFER: Final = rf"{_WORD}(?:{_PARAMETER})*"
_OFFERS: Final = re.compile(rf"[ \t]*{_OFFER}[ \t]*(?:,[ \t]*{_OFFER}[ \t]*)*")
_WINDOW: Final = re.compile(r"[89]|1[0-5]")


class MalformedOfferError(ValueError):
    """The header that offers extensions is not what RFC 6455, section 9.1, says."""


def agree(offers: str) -> str | None:
    """Return the header value that accepts the first offer we can keep, or None where none is.

    Raises:
        MalformedOfferError: the value offers nothing that can be read.
    """
    if not _OFFERS.fullmatch(offers):
        raise MalformedOfferError(offers)
    for offer in offers.split(","):
        name, *parameters = (part.strip() for part in offer.split(";"))
        if name == EXTENSION and _is_kept(parameters):
            return (
                f"{EXTENSION}; server_no_context_takeover; client_no_context_takeover; "
                f"server_max_window_bits={WINDOW_BITS}"
            )
    return None


def press(payload: bytes) -> bytes:
    """Compress a message that is not empty."""
    deflater = zlib.compressobj(wbits=-WINDOW_BITS, memLevel=_MEMORY_LEVEL)
    return (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH))[: -len(_TAIL)]


class BrokenDataError(ValueError):
    """Bytes that are said to be compressed are not."""


class Inflater:
    """Inflates the fragments of one message, one after the other."""

    __slots__ = ("_inflater",)

    def __init__(self) -> None:
        """Begin a message."""
        self._inflater = zlib.decompressobj(-_WINDOW_BITS_MAX)

    def feed(self, fragment: bytes, bytes_max: int, *, final: bool) -> bytes:
        """Return what a fragment inflates to, cut at one byte more than `bytes_max`.

        Raises:
            BrokenDataError: it is not compressed data.
        """
        if final:
            fragment += _TAIL
        try:
            inflated = self._inflater.decompress(fragment, bytes_max + 1)
        except zlib.error as error:
            raise BrokenDataError(str(error)) from error
        if len(self._inflater.unused_data) > _AFTER_LAST_BLOCK_MAX:
            raise BrokenDataError("data follows the last block")
        return inflated


def _is_kept(parameters: list[str]) -> bool:
    """Tell whether an offer names nothing that is unknown, wrong, or beyond what we keep."""
    given: dict[str, str | None] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if name.strip() in given:
            return False
        given[name.strip()] = value.strip().strip('"') if equals else None
    return all(_is_parameter_kept(name, value) for name, value in given.items())


def _is_parameter_kept(name: str, value: str | None) -> bool:
    match name:
        case "server_no_context_takeover" | "client_no_context_takeover":
            return value is None
        case "client_max_window_bits":
            return value is None or _WINDOW.fullmatch(value) is not None
        case "server_max_window_bits":
            return (
                value is not None
                and _WINDOW.fullmatch(value) is not None
                and int(value) >= WINDOW_BITS
            )
        case _:
            return False
