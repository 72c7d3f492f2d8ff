"""Structured logs: one event a line, as JSON for machines or in colour for a terminal."""

import logging
import sys
from typing import Final, Literal

import structlog
from structlog.typing import Processor

LogLevel = Literal["debug", "info", "warning", "error"]

_SHARED: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def configure_logging(level: LogLevel, *, json_lines: bool) -> None:
    """Send all logs of this process, the libraries' too, to stderr in one format.

    Records hold ids only: no names, addresses, tokens or passwords (SEMANTICS, storage).
    """
    renderer: Processor
    exceptions: tuple[Processor, ...]
    if json_lines:
        renderer = structlog.processors.JSONRenderer()
        exceptions = (structlog.processors.format_exc_info,)
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The default one shows the values of variables, tokens and passwords among them.
            exception_formatter=structlog.dev.plain_traceback,
        )
        exceptions = ()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_SHARED],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *exceptions,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Its progress is of interest to nobody but its developers; its warnings are.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Our own edge logs each request, with its id and its route.
    logging.getLogger("uvicorn.access").disabled = True
    # It announces every part of itself at the level of news.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
