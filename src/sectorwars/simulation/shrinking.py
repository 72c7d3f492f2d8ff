"""Delta debugging: reduce what makes a run fail to what is needed for it.

Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE
28(2), 2002 (the algorithm ddmin, by complements).
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

_T = TypeVar("_T")


def shortest(
    items: Sequence[_T], fails: Callable[[Sequence[_T]], bool], tries_max: int
) -> Sequence[_T]:
    """Return a part of `items`, in their order, that still fails and is as short as found.

    `items` fails as a whole. With tries enough no single one of those returned can be left out.
    """
    parts = 2
    tries = 0
    while len(items) >= 1:
        size = max(1, len(items) // parts)
        for start in range(0, len(items), size):
            if tries >= tries_max:
                return items
            tries += 1
            rest = [*items[:start], *items[start + size :]]
            if fails(rest):
                items = rest
                parts = max(parts - 1, 2)
                break
        else:
            if size == 1:
                return items
            parts = min(2 * parts, len(items))
    return items
