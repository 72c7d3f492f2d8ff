"""The heap of a process that holds a galaxy and makes few cycles.

Python's collector looks for cycles after every 700 new objects and goes through all that survives
again and again: a third of the time of a trade, and pauses of a quarter of a second once a hundred
thousand receipts are remembered.
"""

import gc
from typing import Final

_NEW_OBJECTS_MAX: Final = 10_000
_YOUNG_PER_MIDDLE: Final = 20
_MIDDLE_PER_OLD: Final = 50
_NEW_OBJECTS_OF_LOADING_MAX: Final = 200_000
_NEVER: Final = 1_000_000


def grow_heap() -> None:
    """Look for cycles among new objects only, and seldom, until `settle_heap`.

    Nearly all that is made while a galaxy is loaded stays: to go through it again and again would
    take half of a great galaxy's start. A standby may wait so for days.
    """
    gc.collect()
    gc.set_threshold(_NEW_OBJECTS_OF_LOADING_MAX, _NEVER, _NEVER)


def settle_heap() -> None:
    """Take all that exists now for permanent, and look for cycles among later objects seldom.

    To be called once, when the galaxy has been loaded.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS_MAX, _YOUNG_PER_MIDDLE, _MIDDLE_PER_OLD)
