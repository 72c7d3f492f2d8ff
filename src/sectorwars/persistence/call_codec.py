"""Haulers' calls as JSON without the names of their members.

They are nine tenths of a galaxy's permanent log, a hundred thousand a real day; named members
would make them more than twice as long.
"""

from typing import Final

import msgspec

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import HaulerCalled
from sectorwars.domain.hauler import HaulerDeal
from sectorwars.domain.ids import HaulerId, PortId
from sectorwars.domain.values import Credits, Quantity, Tick, UnixMicros

_Deal = tuple[Commodity, int, int, int, int]
"""Good, quantity, total and fees in credits, stock after it."""


class _Call(msgspec.Struct, array_like=True, frozen=True):
    tick: int
    at: int
    hauler_id: str
    port_id: str
    sold: _Deal | None
    bought: _Deal | None
    grant_credits: int
    upkeep_credits: int
    market_version: int
    destination_id: str
    calls_at: int


class _Payload(msgspec.Struct, frozen=True):
    call: _Call


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(_Payload)


def encode_call(event: HaulerCalled) -> bytes:
    """Encode a call as a JSON object with the one member `call`."""
    return _ENCODER.encode(
        _Payload(
            _Call(
                event.tick,
                event.at,
                event.hauler_id,
                event.port_id,
                _deal_row(event.sold),
                _deal_row(event.bought),
                event.grant_credits,
                event.upkeep_credits,
                event.market_version,
                event.destination_id,
                event.calls_at,
            )
        )
    )


def decode_call(payload: str | bytes) -> HaulerCalled:
    """Decode what `encode_call` made; members that are unknown are ignored.

    Raises:
        msgspec.DecodeError: the payload is no call.
    """
    row = _DECODER.decode(payload).call
    return HaulerCalled(
        Tick(row.tick),
        UnixMicros(row.at),
        HaulerId(row.hauler_id),
        PortId(row.port_id),
        _deal(row.sold),
        _deal(row.bought),
        Credits(row.grant_credits),
        Credits(row.upkeep_credits),
        row.market_version,
        PortId(row.destination_id),
        Tick(row.calls_at),
    )


def _deal_row(deal: HaulerDeal | None) -> _Deal | None:
    if deal is None:
        return None
    return (
        deal.commodity,
        deal.quantity,
        deal.total_credits,
        deal.fees_credits,
        deal.stock_after,
    )


def _deal(row: _Deal | None) -> HaulerDeal | None:
    if row is None:
        return None
    good, quantity, total, fees, stock_after = row
    return HaulerDeal(
        good, Quantity(quantity), Credits(total), Credits(fees), Quantity(stock_after)
    )
