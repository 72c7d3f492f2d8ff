"""Frames in the Foundation dialect that go to every client alike."""

import msgspec

from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.protocol.publication import FrameType
from sectorwars.protocol.shapes.advice import UniversePulse
from sectorwars.protocol.shapes.forecast import Prediction
from sectorwars.protocol.shapes.market import MarketRealtime
from sectorwars.protocol.signing import FrameSigner, signed_frame


def market_update_frame(
    figures: MarketRealtime, stream_id: str, at: UnixMicros, signer: FrameSigner
) -> bytes:
    """Encode a good's figures for every Foundation client that follows it."""
    data: dict[str, object] = {
        "commodity": figures.commodity,
        "price": figures.price,
        "volume": figures.volume_24h,
    }
    prediction = figures.prediction
    if prediction is not None and _lies_ahead(prediction, figures.price):
        data["predicted_price"] = prediction.predicted_price
        data["confidence"] = prediction.confidence
    return _broadcast(FrameType.MARKET_UPDATE, data, stream_id, at, signer)


def pulse_frame(pulse: UniversePulse, stream_id: str, at: UnixMicros, signer: FrameSigner) -> bytes:
    """Encode the universe's pulse: counts and pseudonyms, nobody by name."""
    data: dict[str, object] = msgspec.to_builtins(pulse)
    return _broadcast(FrameType.UNIVERSE_PULSE, data, stream_id, at, signer)


def _lies_ahead(prediction: Prediction, price: float) -> bool:
    """Tell whether the prediction lies on the same side of the price as when it was made.

    Its confidence is that of the direction then. The client shows the pair beside the price of
    now, from which the direction would be the opposite once that has passed the predicted one.
    """
    if prediction.predicted_price > prediction.reference_price:
        return price < prediction.predicted_price
    return price > prediction.predicted_price


def _broadcast(
    kind: FrameType, data: dict[str, object], stream_id: str, at: UnixMicros, signer: FrameSigner
) -> bytes:
    frame: dict[str, object] = {
        "type": kind.value,
        "data": data,
        "timestamp": rfc3339(at),
        "session_id": stream_id,
    }
    return signed_frame(frame, signer)
