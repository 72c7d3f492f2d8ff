"""Who reads a command's id may rely on what its beginning says."""

import pytest
from tests.small_core import running_core, virtual

from sectorwars.application.rows import Receipt
from sectorwars.application.writing.refusals import COMMAND_ID_RESERVED
from sectorwars.application.writing.reserved_ids import is_reserved
from sectorwars.domain.command import Origin, Trade
from sectorwars.domain.ids import CommandId
from sectorwars.domain.market import Side
from sectorwars.simulation.virtual_time import VirtualClock

BUY = Trade(Side.BUY, "ore", 1)
DOORS = [origin for origin in Origin if origin not in {Origin.ARIA, Origin.RULE}]


@pytest.mark.parametrize("origin", DOORS)
@pytest.mark.parametrize("name", ["aria-", "aria-1", "rule-r-1-buy-7"])
def test_no_other_door_has_the_ids_of_aria_and_of_rules(name: str, origin: Origin) -> None:
    assert is_reserved(CommandId(name), origin)


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("aria-1", Origin.ARIA),
        ("rule-r-1-buy-7", Origin.RULE),
        ("ariane", Origin.REST),
        ("f-00", Origin.WEBSOCKET),
        ("my-aria-1", Origin.REST),
    ],
)
def test_all_else_is_free(name: str, origin: Origin) -> None:
    assert not is_reserved(CommandId(name), origin)


@pytest.mark.parametrize(("name", "origin"), [("rule-1", Origin.ARIA), ("aria-1", Origin.RULE)])
def test_neither_has_the_other_s(name: str, origin: Origin) -> None:
    assert is_reserved(CommandId(name), origin)


@virtual
async def test_a_command_under_such_an_id_is_not_executed(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        assert await core.send(BUY, "aria-1") == COMMAND_ID_RESERVED
        assert core.trades() == []
        executed = await core.send(BUY, "aria-1", origin=Origin.ARIA)
        assert isinstance(executed, Receipt)
        # Whoever repeats what was done learns of it, as under any id.
        assert await core.send(BUY, "aria-1") == executed
        assert len(core.trades()) == 1
