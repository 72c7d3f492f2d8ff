"""The ten goods."""

from sectorwars.domain.commodity import (
    BASE_PRICE_MIN,
    BASE_PRICES,
    COMMODITIES,
    COMMODITY_INDEX,
    COMMODITY_SPECS,
)


def test_every_good_has_a_price_that_half_a_spread_does_not_vanish_in() -> None:
    assert len(COMMODITIES) == len(COMMODITY_SPECS) == 10
    for good in COMMODITIES:
        price = COMMODITY_SPECS[good].base_price_credits
        assert price == BASE_PRICES[COMMODITY_INDEX[good]] >= BASE_PRICE_MIN
