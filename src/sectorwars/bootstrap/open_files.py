"""How many files, sockets included, this process may have open."""

import resource
from typing import Final

import structlog

_OTHERS: Final = 1_024
"""What is open beside WebSockets: HTTP connections, the database's, logs."""

_LOG = structlog.get_logger(__name__)


def allow_open_files(connections_max: int) -> None:
    """Ask the system for as many open files as so many WebSockets need, and for no less than now.

    Many systems give a process 1,024 until it asks; one that will not give enough is told of.
    """
    wanted = connections_max + _OTHERS
    allowed, ceiling = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY in {allowed, ceiling} or wanted <= ceiling:
        given = wanted
    else:
        given = ceiling
        _LOG.warning("too_few_open_files", allowed=ceiling, wanted=wanted)
    if allowed != resource.RLIM_INFINITY and given > allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (given, ceiling))
