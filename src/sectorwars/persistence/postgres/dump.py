"""Copies of a whole database, made and brought back by PostgreSQL's own programs."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from subprocess import DEVNULL, PIPE
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from sectorwars.persistence.data_directory import reason
from sectorwars.persistence.postgres.binaries import binaries_folder
from sectorwars.persistence.postgres.cluster import program_failure
from sectorwars.persistence.postgres.connection import CONNECT_SECONDS_MAX, connected

_CHUNK_BYTES: Final = 1 << 20
# A third of the default's processor time, which is the game's, for a sixth more of bytes.
_COMPRESS: Final = "--compress=gzip:1"
_PORTABLE: Final = ("--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions")
"""What belongs to the one server rather than to the galaxy stays behind."""
# Relations that an extension of the operator's has brought with it are nobody's data.
_RELATIONS: Final = """
    SELECT EXISTS (
        SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' AND NOT EXISTS (
            SELECT FROM pg_depend
            WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
        )
    )
"""


class DumpError(Exception):
    """A database cannot be copied or brought back; the text is one sentence for the operator."""


class DatabaseNotEmptyError(Exception):
    """A database has tables already; the text is one sentence for the operator."""


async def dump(dsn: str, snapshot: str) -> AsyncGenerator[bytes, None]:
    """Yield the database in pg_dump's custom format, as an exported snapshot sees it.

    Raises:
        DumpError: pg_dump failed.
    """
    command = ("pg_dump", *_PORTABLE, "--exclude-extension=*", "--format=custom", _COMPRESS)
    async with _running(
        dsn, *command, f"--snapshot={snapshot}", stdin=DEVNULL, stdout=PIPE
    ) as program:
        output = program.stdout
        while output is not None and (chunk := await output.read(_CHUNK_BYTES)):
            yield chunk


async def restore_dump(dsn: str, chunks: Iterable[bytes]) -> None:
    """Bring a dump back into an empty database, all of it or nothing; no writer holds its lease.

    Raises:
        DumpError: pg_restore failed.
        StoreUnavailableError: the database went away.
    """
    command = ("pg_restore", *_PORTABLE, "--single-transaction", "--exit-on-error")
    async with _running(dsn, *command, stdin=PIPE, stdout=DEVNULL) as program:
        if program.stdin is not None:
            # Where it has ended before its input, it says why.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                for chunk in chunks:
                    program.stdin.write(chunk)
                    await program.stdin.drain()
            program.stdin.close()
    async with connected(dsn) as connection:
        # That writer's process number means another process here.
        await connection.execute("UPDATE writer_lease SET holder = NULL, backend_pid = NULL")
        # Queries are planned by figures that a dump does not hold.
        await connection.execute("ANALYZE")


async def require_empty(dsn: str) -> None:
    """Make sure that a database has no tables.

    Raises:
        DatabaseNotEmptyError: it has.
        StoreUnavailableError: it cannot be reached.
    """
    async with connected(dsn) as connection:
        if await connection.fetchval(_RELATIONS):
            raise DatabaseNotEmptyError(
                "The database is not empty: a galaxy is restored into a new one only."
            )


@asynccontextmanager
async def _running(
    dsn: str, name: str, *arguments: str, stdin: int, stdout: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one of PostgreSQL's programs on a database; leave the block when it has ended.

    Raises:
        DumpError: it failed, or cannot be started.
    """
    address, password = _apart(dsn)
    with tempfile.TemporaryFile() as said:
        try:
            program = await asyncio.create_subprocess_exec(
                binaries_folder() / name,
                *arguments,
                f"--dbname={address}",
                stdin=stdin,
                stdout=stdout,
                stderr=said,
                env=_environment(password),
                limit=_CHUNK_BYTES,
                # A Ctrl-C in the terminal is for us alone, who then end it.
                start_new_session=True,
            )
        except OSError as error:
            raise DumpError(f"PostgreSQL's {name} cannot be started: {reason(error)}.") from error
        try:
            yield program
            code = await program.wait()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                program.kill()
            await program.communicate()
            raise
        if code != 0:
            said.seek(0)
            raise DumpError(program_failure(name, said.read().decode("utf-8", "replace")))


def _environment(password: str | None) -> dict[str, str]:
    """Return a program's environment, in which a password is seen by its own account only."""
    ours = {"LC_ALL": "C", "PGCONNECT_TIMEOUT": str(round(CONNECT_SECONDS_MAX))}
    return {**os.environ, **ours, **({} if password is None else {"PGPASSWORD": password})}


def _apart(dsn: str) -> tuple[str, str | None]:
    """Return a DSN without its password, for the command line, which everybody sees; and that."""
    url = urlsplit(dsn)
    account, at, hosts = url.netloc.rpartition("@")
    user, _, password = account.partition(":")
    options = parse_qsl(url.query, keep_blank_values=True)
    named = dict(options).get("password")
    query = urlencode([option for option in options if option[0] != "password"], quote_via=quote)
    address = urlunsplit(url._replace(netloc=f"{user}{at}{hosts}", query=query))
    return address, named or unquote(password) or None
