"""Whatever a Foundation client asks for and however time passes, the promises hold."""

from bisect import bisect_left
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.protocol.pacing import BEAT_SECONDS, FRAMES_PER_WINDOW, WINDOW_SECONDS, Pacer

SIX = COMMODITIES[:6]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["beat", "beat", "beat", "subscribe", "pulse"]), st.floats(0.0, 1.5)
        ),
        max_size=400,
    )
)
def test_fewer_than_a_hundred_frames_in_any_minute(steps: list[tuple[str, float]]) -> None:
    pacer, now, sent = Pacer(), 0.0, []
    for step, pause in steps:
        now += pause
        match step:
            case "subscribe":
                pacer.follow(COMMODITIES)
                sent += [now] * len(pacer.snapshot(COMMODITIES, now))
            case "pulse":
                sent += [now] * pacer.pulse(now, at_once=True)
            case _:
                sent += [now] * (pacer.update(now) is not None)
                sent += [now] * pacer.pulse(now)
    for start, at in enumerate(sent):
        assert bisect_left(sent, at + WINDOW_SECONDS) - start <= FRAMES_PER_WINDOW


def test_six_goods_come_round_within_seven_seconds() -> None:
    pacer = Pacer()
    pacer.follow(SIX)
    assert pacer.snapshot(SIX, 0.0) == SIX
    beats = [pacer.update((beat + 1) * BEAT_SECONDS) for beat in range(600)]
    assert beats == [SIX[beat % 6] for beat in range(600)]
    assert 6 * BEAT_SECONDS < 7.0


def test_snapshots_beyond_the_budget_follow_in_the_rotation() -> None:
    pacer = Pacer()
    pacer.follow(COMMODITIES)
    assert [len(pacer.snapshot(COMMODITIES, 0.0)) for _ in range(4)] == [10, 10, 8, 0]
    assert pacer.update(1.0) == COMMODITIES[0]


def test_nothing_followed_is_nothing_due() -> None:
    pacer = Pacer()
    assert pacer.snapshot((), 0.0) == ()
    assert pacer.update(1.0) is None


def test_late_beat_is_not_followed_by_an_early_one() -> None:
    pacer = Pacer()
    pacer.follow(SIX)
    assert pacer.update(0.0) is not None
    assert pacer.update(0.4) is None
    assert pacer.update(0.9) is not None


def test_pulse_comes_every_twenty_seconds() -> None:
    pacer = Pacer()
    times = [beat * BEAT_SECONDS for beat in range(124) if pacer.pulse(beat * BEAT_SECONDS)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(19.0 <= gap <= 20.0 for gap in gaps)


def test_pulse_asked_for_again_and_again_is_held_back() -> None:
    pacer = Pacer()
    assert sum(pacer.pulse(0.0, at_once=True) for _ in range(20)) == 6
