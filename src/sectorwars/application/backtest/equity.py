"""An equity curve: what a player is worth after each tick, and how far that ever fell."""

from typing import Final, NamedTuple

from sectorwars.domain.values import Tick, div_ceil

POINTS_MAX: Final = 500
_BPS: Final = 10_000


class Equity(NamedTuple):
    """What a player was worth after a tick: credits, and what the cargo counted for."""

    tick: Tick
    credits: int
    cargo_value: int

    @property
    def total(self) -> int:
        """Return both together."""
        return self.credits + self.cargo_value


class EquityCurve:
    """Keeps the curve and the deepest fall below what had been reached before.

    The deepest fall in credits and the deepest in proportion need not be the same one.
    """

    def __init__(self, start: Equity) -> None:
        """Begin with what the player starts with."""
        self._points = [start]
        self._peak = start.total
        self.max_drawdown_credits = 0
        self.max_drawdown_bps = 0

    @property
    def first(self) -> Equity:
        """Return the start."""
        return self._points[0]

    @property
    def last(self) -> Equity:
        """Return the end."""
        return self._points[-1]

    def add(self, point: Equity) -> None:
        """Go on by a tick."""
        self._points.append(point)
        self._peak = max(self._peak, point.total)
        fall = self._peak - point.total
        if fall:
            self.max_drawdown_credits = max(self.max_drawdown_credits, fall)
            self.max_drawdown_bps = max(self.max_drawdown_bps, fall * _BPS // self._peak)

    def sampled(self, points_max: int = POINTS_MAX) -> list[Equity]:
        """Return at most `points_max` (2 or more) points at even distances, with both ends."""
        steps = len(self._points) - 1
        stride = max(1, div_ceil(steps, points_max - 1))
        sampled = self._points[:steps:stride]
        return [*sampled, self._points[-1]]
