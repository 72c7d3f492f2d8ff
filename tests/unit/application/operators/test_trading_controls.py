"""Operators at the risk gate: each act is entered before it is done, or it is not done."""

from __future__ import annotations

from typing import Any

import pytest
from tests.small_galaxy import HAVEN, NOW, PLAYER, world_with_player
from tests.unit.application.trails import AbsentTrail

from sectorwars.application.account import SessionId
from sectorwars.application.audit.trail import AddressPseudonyms, Operator, OperatorAudit
from sectorwars.application.operators.trading_controls import TradingControls
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.reading.projection import Projection
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.application.rows import (
    AuditEntry,
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing import refusals
from sectorwars.application.writing.receipts import pending_fate
from sectorwars.domain.command import CommandEnvelope, Origin, SetTradeCaps, SetTradingState
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.risk import TradeCaps, TradingScope, TradingState
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.shapes.command import CommandFate

ROOT = Operator("pl_root", SessionId("s_root"), "203.0.113.7")
ID = CommandId("c-1")
HALT = SetTradingState(TradingScope.PLAYER, PLAYER, TradingState.HALTED, "wash trading")


class Clock:
    def now(self) -> UnixMicros:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class Front:
    """A writer that answers with what it is told to, and knows what it has answered."""

    def __init__(self, bench: Bench) -> None:
        self.outcome: Receipt | Refusal = receipt(None)
        self.envelopes: list[CommandEnvelope] = []
        self.entered_before: list[int] = []
        self._bench = bench
        self._known: dict[ReceiptKey, Receipt] = {}

    async def submit(
        self, envelope: CommandEnvelope, received_monotonic: float
    ) -> Receipt | Refusal:
        assert received_monotonic == 5.0
        self.envelopes.append(envelope)
        self.entered_before.append(len(await self._bench.entries()))
        if isinstance(self.outcome, Receipt):
            assert envelope.player_id is not None
            self._known[ReceiptKey(envelope.player_id, envelope.command_id)] = self.outcome
        return self.outcome

    async def fate(self, key: ReceiptKey) -> Receipt | CommandFate:
        return self._known.get(key) or pending_fate(key)


class Bench:
    def __init__(self) -> None:
        self.world = world_with_player()
        self.trail = AbsentTrail()
        self.front = Front(self)
        self.controls = TradingControls(
            Projection(self.world, MarketBoard(ForecastBoard()), 1),
            self.front,
            OperatorAudit(self.trail, AddressPseudonyms(bytes)),
            Clock(),
        )

    async def entries(self) -> list[AuditEntry]:
        return await self.trail.entries()

    async def halt(self) -> Receipt | Refusal:
        return await self.controls.set_state(ROOT, HALT, ID, 5.0)


def receipt(code: str | None) -> Receipt:
    status: Any = "executed" if code is None else "rejected"
    return Receipt(ReceiptKey(PlayerId("pl_root"), ID), b"", status, code, b"{}", NOW)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_an_act_is_entered_before_it_is_done_in_the_operators_name(bench: Bench) -> None:
    assert await bench.halt() == bench.front.outcome
    assert bench.front.envelopes == [
        CommandEnvelope(ID, PlayerId("pl_root"), Origin.OPERATOR, HALT)
    ]
    assert bench.front.entered_before == [1]
    (entry,) = await bench.entries()
    assert (entry.kind, entry.actor, entry.subject) == (
        "trading_state_changed",
        "pl_root",
        PLAYER,
    )
    assert (entry.before, entry.after) == ({"state": "active"}, {"state": "halted"})
    assert entry.details == {"reason": "wash trading", "command_id": "c-1", "outcome": "success"}


async def test_what_cannot_be_entered_is_not_done(bench: Bench) -> None:
    bench.trail.away = True
    with pytest.raises(StoreUnavailableError):
        await bench.halt()
    assert bench.front.envelopes == []


@pytest.mark.parametrize("outcome", [refusals.OUTCOME_UNKNOWN, receipt("unknown_player")])
async def test_an_act_that_was_not_done_has_an_entry_that_says_so(
    bench: Bench, outcome: Receipt | Refusal
) -> None:
    bench.front.outcome = outcome
    assert await bench.halt() == outcome
    _, refused = await bench.entries()
    assert (refused.details["outcome"], refused.after) == (outcome.code, None)


async def test_a_retry_of_what_is_decided_is_not_entered_again(bench: Bench) -> None:
    await bench.halt()
    assert await bench.halt() == bench.front.outcome
    assert len(bench.front.envelopes) == 2
    assert len(await bench.entries()) == 1


async def test_a_retry_of_what_is_in_doubt_is_entered_again(bench: Bench) -> None:
    bench.front.outcome = refusals.OUTCOME_UNKNOWN
    await bench.halt()
    bench.front.outcome = receipt(None)
    await bench.halt()
    assert [entry.details["outcome"] for entry in await bench.entries()] == [
        "success",
        "outcome_unknown",
        "success",
    ]


async def test_caps_are_entered_by_those_that_are_set(bench: Bench) -> None:
    bench.world.risk.set_caps(None, TradeCaps(credits_per_day=7))
    command = SetTradeCaps(None, TradeCaps(units_per_trade=0), "a trial")
    await bench.controls.set_caps(ROOT, command, ID, 5.0)
    (entry,) = await bench.entries()
    assert (entry.kind, entry.subject) == ("trade_caps_changed", "game")
    assert (entry.before, entry.after) == ({"credits_per_day": 7}, {"units_per_trade": 0})


def test_states_and_caps_are_those_that_are_set(bench: Bench) -> None:
    controls, risk = bench.controls, bench.world.risk
    risk.set_state(TradingScope.PORT, HAVEN, TradingState.REDUCING, "x")
    risk.set_caps(PLAYER, TradeCaps(trades_per_hour=3))
    assert controls.state(TradingScope.GAME, None).state == "active"
    assert controls.state(TradingScope.PORT, HAVEN).state == "reducing"
    assert controls.state(TradingScope.PLAYER, PLAYER).state == "active"
    assert controls.caps(PLAYER).trades_per_hour == 3
    assert controls.caps(None).trades_per_hour is None


async def test_what_is_not_there_is_neither_shown_nor_entered(bench: Bench) -> None:
    nobody = PlayerId("pl_nobody")
    for scope, subject in ((TradingScope.PORT, "p9"), (TradingScope.PLAYER, nobody)):
        with pytest.raises(UnknownNounError):
            bench.controls.state(scope, subject)
        command = SetTradingState(scope, subject, TradingState.HALTED, "x")
        with pytest.raises(UnknownNounError):
            await bench.controls.set_state(ROOT, command, ID, 5.0)
    with pytest.raises(UnknownNounError):
        await bench.controls.set_caps(ROOT, SetTradeCaps(nobody, TradeCaps(), "x"), ID, 5.0)
    assert await bench.entries() == []
    assert bench.front.envelopes == []


async def test_caps_of_the_settings_are_set_once_beside_those_that_operators_set(
    bench: Bench,
) -> None:
    bench.world.risk.set_caps(None, TradeCaps(units_per_trade=7, trades_per_hour=9))
    configured = TradeCaps(units_per_trade=5)
    await bench.controls.set_game_caps(configured, ID, 5.0)
    (envelope,) = bench.front.envelopes
    assert envelope.player_id == "settings"
    assert envelope.command == SetTradeCaps(
        None,
        TradeCaps(units_per_trade=5, trades_per_hour=9),
        "The settings of the server say so.",
    )
    (entry,) = await bench.entries()
    assert (entry.actor, entry.subject) == ("settings", "game")
    bench.world.risk.set_caps(None, TradeCaps(units_per_trade=5, trades_per_hour=9))
    assert await bench.controls.set_game_caps(configured, ID, 5.0) is None
    assert await bench.controls.set_game_caps(TradeCaps(), ID, 5.0) is None
    assert len(bench.front.envelopes) == 1
