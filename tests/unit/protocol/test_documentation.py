"""The tables of docs/PROTOCOL.md are those of the code."""

from pathlib import Path

import pytest

from sectorwars.protocol.close_codes import CLOSINGS, CloseCode
from sectorwars.protocol.refusal import RefusalCode, refuse

PAGE = (Path(__file__).parents[3] / "docs" / "PROTOCOL.md").read_text().splitlines()


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_is_documented(code: RefusalCode) -> None:
    refusal = refuse(code)
    assert f"| `{code.value}` | `{refusal.retry.value}` | {refusal.detail} |" in PAGE


@pytest.mark.parametrize("code", CloseCode)
def test_every_close_code_is_documented(code: CloseCode) -> None:
    closing = CLOSINGS[code]
    back = "yes" if closing.reconnect else "no"
    row = f"| {code.value} | {code.name.lower()} | {closing.reason or '—'} | {back} |"
    assert row in PAGE
