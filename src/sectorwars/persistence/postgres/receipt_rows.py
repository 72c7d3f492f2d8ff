"""The receipts of commands."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.connection import Connection

_FIND: Final = """
    SELECT player_id, command_id, payload_hash, status, code, body, decided_at_us
    FROM find_receipts($1, $2)
"""


async def select_receipts(
    connection: Connection, keys: Sequence[ReceiptKey]
) -> dict[ReceiptKey, Receipt]:
    """Return the stored receipts among `keys`."""
    # PostgreSQL's text holds no null character, so no receipt has such an id.
    keys = [key for key in keys if "\x00" not in key.command_id]
    records = await connection.fetch(
        _FIND, [key.player_id for key in keys], [key.command_id for key in keys]
    )
    return {receipt.key: receipt for receipt in map(_receipt, records)}


def _receipt(record: asyncpg.Record) -> Receipt:
    return Receipt(
        key=ReceiptKey(PlayerId(record["player_id"]), CommandId(record["command_id"])),
        payload_hash=record["payload_hash"],
        status=record["status"],
        code=record["code"],
        body=record["body"],
        decided_at=UnixMicros(record["decided_at_us"]),
    )
