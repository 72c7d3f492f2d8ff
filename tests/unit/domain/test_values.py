"""Exact division and the two clocks."""

from datetime import datetime, timedelta, timezone

import pytest

from sectorwars.domain.values import (
    Tick,
    UnixMicros,
    div_ceil,
    div_floor,
    game_rfc3339,
    parse_game_time,
    parse_rfc3339,
    rfc3339,
    unix_micros,
)


@pytest.mark.parametrize(
    ("numerator", "denominator", "floor", "ceil"),
    [
        (7, 2, 3, 4),
        (-7, 2, -4, -3),
        (8, 2, 4, 4),
        (0, 5, 0, 0),
        (10**30 + 1, 10, 10**29, 10**29 + 1),
    ],
)
def test_division_says_its_rounding(
    numerator: int, denominator: int, floor: int, ceil: int
) -> None:
    assert div_floor(numerator, denominator) == floor
    assert div_ceil(numerator, denominator) == ceil


def test_times_are_written_with_microseconds_and_z() -> None:
    assert rfc3339(UnixMicros(0)) == "1970-01-01T00:00:00.000000Z"
    assert rfc3339(UnixMicros(1_700_000_000_000_001)) == "2023-11-14T22:13:20.000001Z"


def test_a_tick_is_a_game_minute_after_the_galaxys_epoch() -> None:
    assert game_rfc3339(Tick(0)) == "2102-01-01T00:00:00.000000Z"
    assert game_rfc3339(Tick(61)) == "2102-01-01T01:01:00.000000Z"
    assert game_rfc3339(Tick(-1)) == "2101-12-31T23:59:00.000000Z"


@pytest.mark.parametrize("tick", [0, 61, -1, 1_000_000])
def test_a_date_of_the_galaxy_that_was_written_can_be_read(tick: int) -> None:
    assert parse_game_time(game_rfc3339(Tick(tick))) == tick


def test_a_date_of_the_galaxy_lies_in_the_tick_that_began_before_it() -> None:
    assert parse_game_time("2102-01-01T00:01:59.999999Z") == 1
    assert parse_game_time("2101-12-31T23:59:59Z") == -1
    assert parse_game_time("2102-01-01T02:01:00+02:00") == 1


@pytest.mark.parametrize("micros", [0, 1, -1, 1_700_000_000_123_456])
def test_a_time_that_was_written_can_be_read(micros: int) -> None:
    assert parse_rfc3339(rfc3339(UnixMicros(micros))) == micros


def test_an_aware_datetime_of_any_zone_is_a_real_time() -> None:
    odd = timezone(timedelta(hours=5, seconds=15))
    assert unix_micros(datetime(1970, 1, 1, 5, 0, 15, 7, tzinfo=odd)) == 7


def test_a_time_in_another_zone_is_converted() -> None:
    assert parse_rfc3339("1970-01-01T02:00:00+02:00") == 0


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01t00:00:01.5z",
        "1970-01-01 00:00:01.5Z",
        "1970-01-01T00:00:01.500000999Z",
        "1969-12-31T23:30:01.5-00:30",
    ],
)
def test_all_ways_of_rfc_3339_are_read(text: str) -> None:
    assert parse_rfc3339(text) == 1_500_000


@pytest.mark.parametrize(
    "text",
    [
        *("1970-01-01T00:00:00", "yesterday", "", "1970-01-01", "1970-01-01T00:00Z"),
        *("2102-W01-1T00:00Z", "2102-W01-1T00:00:00Z", "20380119T031407Z"),
        *("1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00+0000", "1970-01-01T00:00:00+00:00:01"),
        *("1970-01-01_00:00:00Z", "1970-01-01T00:00:00Z\n", "1970-01-01T00:00:0\u0661Z"),
    ],
)
def test_a_time_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^give an RFC 3339 date-time with its zone, like "):
        parse_rfc3339(text)


@pytest.mark.parametrize(
    "text",
    [
        *("2102-13-01T00:00:00Z", "2102-02-30T00:00:00Z", "2102-01-01T24:00:00Z"),
        *("2102-01-01T23:59:60Z", "2102-01-01T00:00:00+24:00", "0000-01-01T00:00:00Z"),
    ],
)
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^there is no such date or time of day$"):
        parse_rfc3339(text)
