"""Goods by the names that callers give."""

from sectorwars.api.errors import RefusedError
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.rejection import Refusal, RejectionCode, Retry


def commodity_named(name: str) -> Commodity:
    """Return the good of that name.

    Raises:
        RefusedError: there is none.
    """
    try:
        return Commodity(name)
    except ValueError:
        detail = f"There is no good called {name!r}."
        raise RefusedError(Refusal(RejectionCode.UNKNOWN_COMMODITY, Retry.NEVER, detail)) from None
