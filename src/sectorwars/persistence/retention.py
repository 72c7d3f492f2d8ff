"""How long a store keeps what is not kept for ever.

Both stores forget in the same transaction as a `StockCheckpointed`, by that event's clocks: it
comes every ten minutes, and it alone makes older ticks dispensable.
"""

from typing import Final

from sectorwars.domain.values import MICROS_PER_SECOND, TICKS_PER_GAME_DAY

TICKS_KEPT: Final = 7_200
"""Ticks, and the prices they left behind: two real hours at the default time scale."""
HAULER_DEALS_KEPT: Final = 30 * TICKS_PER_GAME_DAY
"""Ticks for which haulers' deals are counted in a port's volumes; the event log keeps all."""
REJECTIONS_KEPT_MICROS: Final = 24 * 3_600 * MICROS_PER_SECOND
"""Receipts of rejected commands; those of executed ones are kept for ever."""
RULE_TRACES_KEPT: Final = 200
"""Verdicts of each kind that are kept of a rule; a deleted rule's are forgotten with it."""
