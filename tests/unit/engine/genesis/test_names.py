"""Names are invented once each."""

import pytest

from sectorwars.domain.port import PortClass
from sectorwars.domain.prng import Stream
from sectorwars.engine.genesis import SECTORS_MAX
from sectorwars.engine.genesis.names import port_name, sector_names


def test_the_largest_universe_has_no_two_sectors_of_one_name() -> None:
    names = sector_names(1, SECTORS_MAX)
    assert len(set(names)) == SECTORS_MAX
    assert len({name.split()[0] for name in names}) == SECTORS_MAX


def test_some_names_have_two_words_and_most_have_one() -> None:
    names = sector_names(2, 1_000)
    assert 250 < sum(" " in name for name in names) < 450
    assert all(name[0].isupper() and 3 <= len(name) <= 24 for name in names)


def test_another_seed_gives_other_names() -> None:
    assert sector_names(1, 100) == sector_names(1, 100)
    assert len(set(sector_names(1, 100)) & set(sector_names(2, 100))) < 10


def test_there_are_no_more_names_than_syllables_allow() -> None:
    with pytest.raises(ValueError, match="there are names for"):
        sector_names(1, 1_000_000)


@pytest.mark.parametrize("port_class", PortClass)
def test_ports_of_one_sector_have_different_names(port_class: PortClass) -> None:
    draws, taken = Stream(1), set[str]()
    names = [port_name(draws, "Tamar Reach", port_class, taken) for _ in range(5)]
    assert len(set(names)) == 5
    assert taken == set(names)
    assert all(name.startswith("Tamar ") and "Reach" not in name for name in names)
