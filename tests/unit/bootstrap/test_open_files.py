import resource
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from sectorwars.bootstrap.open_files import allow_open_files


@pytest.fixture
def ceiling() -> Iterator[int]:
    """The most files that the system lets this process open; few are let at first."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert before[1] == resource.RLIM_INFINITY or before[1] > 1_500
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def allowed() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_as_many_as_the_connections_need_are_asked_for(ceiling: int) -> None:
    with capture_logs() as logs:
        allow_open_files(100)
    assert allowed() == 1_124
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] == ceiling
    assert logs == []


def test_what_there_is_already_is_kept(ceiling: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_500, ceiling))
    allow_open_files(1)
    assert allowed() == 1_500


def test_system_that_gives_too_few_is_told_of(ceiling: int) -> None:
    if ceiling == resource.RLIM_INFINITY:
        pytest.skip("this system has no ceiling")
    with capture_logs() as logs:
        allow_open_files(ceiling)
    assert allowed() == ceiling
    assert logs == [
        {
            "event": "too_few_open_files",
            "allowed": ceiling,
            "wanted": ceiling + 1_024,
            "log_level": "warning",
        }
    ]
