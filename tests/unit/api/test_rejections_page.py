"""The tables of docs/REJECTIONS.md are those of the code."""

import re
from pathlib import Path
from typing import get_args, get_type_hints

from sectorwars.api.errors import STATUS_BY_CODE
from sectorwars.domain.rejection import NUMBERS, Rejection, RejectionCode
from sectorwars.protocol.shapes.backtest import BacktestFailure

PAGE = (Path(__file__).parents[3] / "docs" / "REJECTIONS.md").read_text()


def test_every_rejection_of_the_engine_is_listed_in_its_order_of_precedence() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| `(\w+)` \| (\d+) \| .+\. \|$", PAGE, re.MULTILINE)
    assert rows == [
        (
            str(code.number),
            code.value,
            Rejection(code, "No.").retry.value,
            str(STATUS_BY_CODE[code]),
        )
        for code in RejectionCode
    ]


def test_every_other_refusal_is_listed_with_its_status() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|$", PAGE, re.MULTILINE)
    others = {code: status for code, status in STATUS_BY_CODE.items() if code not in NUMBERS}
    assert rows == [(code, str(status)) for code, status in others.items()]


def test_every_failure_of_a_backtest_is_listed() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| .+ \| .+ \|$", PAGE.split("## Why a backtest")[1], re.MULTILINE
    )
    assert rows == list(get_args(get_type_hints(BacktestFailure)["code"]))
