"""A published vector: how anybody checks the signature of a binding quote."""

import json
from base64 import urlsafe_b64decode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.small_core import QUOTE_SIGNER

from sectorwars.application.reading.order_views import quote_receipt
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import QuoteIssued
from sectorwars.domain.ids import CommandId, PlayerId, PortId, QuoteId
from sectorwars.domain.market import Fill, Side
from sectorwars.domain.quote import Quote
from sectorwars.domain.values import Credits, Quantity, Tick, UnixMicros
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.signing import verify_frame

VECTOR = json.loads((Path(__file__).parents[4] / "docs" / "vectors" / "quote.json").read_text())

ISSUED_AT = UnixMicros(1_796_000_000_000_000)
PLAYER = PlayerId("pl_1")
EVENT = QuoteIssued(
    PLAYER,
    CommandId("c-1"),
    ISSUED_AT,
    Tick(0),
    7,
    Quote(
        quote_id=QuoteId("q-pl_1-7"),
        player_id=PLAYER,
        port_id=PortId("p0001"),
        side=Side.BUY,
        commodity=Commodity.ORE,
        quantity=Quantity(5),
        fills=(Fill(Credits(52), Quantity(3)), Fill(Credits(53), Quantity(2))),
        total_credits=Credits(262),
        fees_credits=Credits(3),
        market_version=41,
        issued_at=ISSUED_AT,
        expires_at=UnixMicros(ISSUED_AT + 10_000_000),
    ),
    (),
)


def test_a_quote_has_the_published_text_and_signature() -> None:
    receipt = quote_receipt(EVENT, QUOTE_SIGNER)
    assert canonical_json(receipt.quote).decode() == VECTOR["canonical"]
    assert canonical_json(VECTOR["quote"]).decode() == VECTOR["canonical"]
    assert (receipt.kid, receipt.signature) == (VECTOR["key"]["kid"], VECTOR["signature"])


def test_the_signature_covers_every_member() -> None:
    key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(VECTOR["key"]["x"] + "="))
    quote, signature = VECTOR["quote"], VECTOR["signature"]
    assert verify_frame(key, canonical_json(quote), signature)
    for name, value in quote.items():
        changed = value + 1 if isinstance(value, int) else f"{value}x"
        assert not verify_frame(key, canonical_json({**quote, name: changed}), signature)
