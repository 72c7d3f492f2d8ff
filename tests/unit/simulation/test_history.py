"""Commands are told in a line, without what they leave at its default."""

from sectorwars.domain.command import Execution, RegisterPlayer, Trade, Undock
from sectorwars.domain.market import Side
from sectorwars.simulation.history import describe


def test_a_command_is_told_without_its_defaults() -> None:
    assert describe(RegisterPlayer()) == "RegisterPlayer()"
    assert describe(Undock()) == "Undock()"
    assert describe(Trade(Side.BUY, "ore", 3)) == "Trade(side='buy', commodity='ore', quantity=3)"
    told = describe(Trade(Side.SELL, "ore", 3, 40, execution=Execution.PARTIAL))
    assert told.endswith("price_bound=40, execution='partial')")
