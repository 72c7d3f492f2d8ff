"""The accounts of bots, kept in a file of their owner for the next run."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

_FILE_MODE: Final = 0o600


@dataclass(slots=True)
class BotAccount:
    """A bot's name and secrets; `is_service` once its connections do not count by address."""

    username: str
    password: str
    refresh_token: str | None = None
    is_service: bool = False


class BotAccountsError(Exception):
    """The file of accounts cannot be used."""


class BotAccounts:
    """The accounts on one server, in a file that may hold those of others too."""

    def __init__(self, path: Path, url: str) -> None:
        """Read the accounts on the server at `url`.

        Raises:
            BotAccountsError: the file cannot be read, or others may read it.
        """
        self._path = path
        self._url = url
        self._servers = _read(path)
        try:
            self.accounts = [BotAccount(**members) for members in self._servers.get(url, [])]
        except TypeError as error:
            raise BotAccountsError(f"{path} is no file of bot accounts.") from error

    def save(self) -> None:
        """Replace the file in one step.

        Raises:
            BotAccountsError: it cannot be written.
        """
        self._servers[self._url] = [asdict(account) for account in self.accounts]
        draft = self._path.with_name(f"{self._path.name}.new")
        try:
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
            with os.fdopen(descriptor, "w") as file:
                json.dump(self._servers, file, indent=1)
            draft.replace(self._path)
        except OSError as error:
            raise BotAccountsError(f"{self._path} cannot be written: {error}.") from error


def _read(path: Path) -> dict[str, list[dict[str, Any]]]:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise BotAccountsError(f"{path} may be read by others: chmod 600 {path}")
            servers = json.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BotAccountsError(f"{path} cannot be read: {error}.") from error
    if not isinstance(servers, dict):
        raise BotAccountsError(f"{path} is no file of bot accounts.")
    return servers
