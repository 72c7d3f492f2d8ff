"""The ten goods."""

from sectorwars.domain.commodity import (
    BASE_PRICE_MIN,
    BASE_PRICES,
    COMMODITIES,
    COMMODITY_INDEX,
    COMMODITY_SPECS,
    Commodity,
)


def test_every_good_has_a_price_that_half_a_spread_does_not_vanish_in() -> None:
    assert len(COMMODITIES) == len(COMMODITY_SPECS) == 10
    for good in COMMODITIES:
        price = COMMODITY_SPECS[good].base_price_credits
        assert price == BASE_PRICES[COMMODITY_INDEX[good]] >= BASE_PRICE_MIN


def test_sentences_name_goods_without_underscores() -> None:
    assert Commodity.EXOTIC_TECHNOLOGY.spoken == "exotic technology"
    assert Commodity.ORE.spoken == "ore"
    assert not any("_" in good.spoken for good in COMMODITIES)
