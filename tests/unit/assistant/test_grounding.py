"""Numbers in answers come from results, or the answer is withheld."""

import re
from dataclasses import dataclass

import pytest

from sectorwars.assistant.grounding import unresolved_numbers
from sectorwars.assistant.offline import grounded
from sectorwars.assistant.results import (
    Profit,
    Result,
)
from sectorwars.assistant.talk import Composition

PROFIT = Profit(None, "2102-01-01T00:00:00Z", 24, 7, 3, 1_234, 56, 98_765)
TEXT = "In 24 hours you made 1234 credits on 3 sales, in 7 trades, 98765 ever."


@dataclass(frozen=True)
class Figures:
    price: float
    change: float
    name: str
    flag: bool = True


def test_numbers_of_results_resolve_in_every_form() -> None:
    text = "Port 7 at 53.1 or 53.08 credits, 5 % down, 1,234 of 1234."
    results = [Figures(53.08, -5.0, "Port 7"), {"units": [1_234]}]
    assert unresolved_numbers(text, results) == []


def test_truth_values_are_no_numbers() -> None:
    assert unresolved_numbers("1", [Figures(2.0, 3.0, "x")]) == ["1"]


def test_a_result_of_unknown_make_is_a_bug() -> None:
    with pytest.raises(TypeError):
        unresolved_numbers("1", [object()])


def test_a_whole_number_must_be_met_exactly() -> None:
    assert unresolved_numbers("53", [Figures(53.08, 0.0, "x")]) == ["53"]


@pytest.mark.parametrize("match", list(re.finditer(r"\d+", TEXT)), ids=lambda match: match[0])
def test_an_answer_with_any_number_changed_is_withheld(match: re.Match[str]) -> None:
    results: tuple[tuple[str, Result], ...] = (("profit", PROFIT),)
    assert grounded(Composition(TEXT, results)).text == TEXT
    wrong = TEXT[: match.start()] + str(int(match[0]) + 11) + TEXT[match.end() :]
    reply = grounded(Composition(wrong, results, suggestions=("x",)))
    assert "withheld" in reply.text
    assert reply.order is None
    assert not re.search(r"\d", reply.text)
