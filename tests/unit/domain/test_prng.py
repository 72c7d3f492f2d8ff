"""SplitMix64 streams: the published outputs, fairness, and smooth noise."""

from itertools import pairwise

import pytest

from sectorwars.domain.prng import NOISE_ONE, Stream, ValueNoise, stream_key, value_at


def test_outputs_are_those_published_for_splitmix64() -> None:
    assert [value_at(1_234_567, n) for n in range(5)] == [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
        4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
    ]


def test_a_key_depends_on_seed_labels_and_their_order() -> None:
    keys = [
        stream_key(1),
        stream_key(2),
        stream_key(-1),
        stream_key(1, "a"),
        stream_key(1, "a", "b"),
        stream_key(1, "b", "a"),
        stream_key(1, "ab"),
        stream_key(1, "a label longer than a word"),
        stream_key(1, "a", 7),
        stream_key(1, "a", -7),
        stream_key(1, ""),
    ]
    assert len(set(keys)) == len(keys)
    assert all(0 <= key < 1 << 64 for key in keys)


def test_streams_repeat_and_go_on() -> None:
    first, second = Stream(7, "dice"), Stream(7, "dice")
    drawn = [first.next64() for _ in range(4)]
    assert drawn == [second.next64() for _ in range(4)]
    assert len(set(drawn)) == 4


def test_below_is_fair() -> None:
    draws = Stream(3, "fair")
    counts = [0] * 6
    for _ in range(60_000):
        counts[draws.below(6)] += 1
    # Chi-squared with five degrees of freedom exceeds 20.5 once in a thousand seeds.
    assert sum((count - 10_000) ** 2 for count in counts) / 10_000 < 20.5


def test_below_throws_away_draws_that_would_favour_small_results() -> None:
    bound = (1 << 63) + 1
    stream, draws = Stream(5, "bound"), Stream(5, "bound")
    expected = [value for value in (stream.next64() for _ in range(64)) if value < bound]
    assert 20 < len(expected) < 44
    assert [draws.below(bound) for _ in expected] == expected


@pytest.mark.parametrize("bound", [0, -1, (1 << 64) + 1])
def test_a_bound_out_of_range_is_a_mistake(bound: int) -> None:
    with pytest.raises(ValueError, match="bound"):
        Stream(1).below(bound)


def test_between_includes_both_ends() -> None:
    draws = Stream(9, "between")
    assert {draws.between(-1, 1) for _ in range(100)} == {-1, 0, 1}


def test_choice_and_shuffle_keep_the_items() -> None:
    draws = Stream(11, "cards")
    assert {draws.choice("abc") for _ in range(100)} == {"a", "b", "c"}
    cards = list(range(52))
    draws.shuffle(cards)
    assert cards != list(range(52))
    assert sorted(cards) == list(range(52))


def test_every_order_of_three_comes_up_equally_often() -> None:
    draws = Stream(13, "orders")
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(12_000):
        items = [1, 2, 3]
        draws.shuffle(items)
        counts[tuple(items)] = counts.get(tuple(items), 0) + 1
    assert len(counts) == 6
    assert sum((count - 2_000) ** 2 for count in counts.values()) / 2_000 < 20.5


def test_noise_is_drawn_at_its_knots_and_smooth_between() -> None:
    key, period = stream_key(17, "noise"), 60
    noise = ValueNoise(key, period)
    values = [noise.at(tick) for tick in range(-600, 600)]
    assert [ValueNoise(key, period).at(tick) for tick in range(599, -601, -1)] == values[::-1]
    knots = values[::period]
    assert len(set(knots)) == len(knots)
    assert all(-NOISE_ONE <= value < NOISE_ONE for value in values)
    # The easing's steepest slope is 3/2 of the way between two knots in one period.
    steepest = 2 * NOISE_ONE * 3 // (2 * period) + 1
    assert max(abs(b - a) for a, b in pairwise(values)) <= steepest


def test_noise_has_mean_zero_and_uses_its_range() -> None:
    noise = ValueNoise(stream_key(19, "noise"), 1)
    knots = [noise.at(tick) for tick in range(20_000)]
    # The standard error of the mean of 20,000 uniform draws is 0.4 % of the range.
    assert abs(sum(knots)) / len(knots) < 0.015 * NOISE_ONE
    assert min(knots) < -0.99 * NOISE_ONE
    assert max(knots) > 0.99 * NOISE_ONE
