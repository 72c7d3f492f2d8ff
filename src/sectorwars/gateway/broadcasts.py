"""Broadcast frames in the Foundation dialect: made once a beat, shared by all who get them."""

from sectorwars.domain.commodity import Commodity
from sectorwars.gateway.ports import Pulse, Snapshots
from sectorwars.protocol.effect import Moment
from sectorwars.protocol.foundation_broadcast import market_update_frame, pulse_frame
from sectorwars.protocol.framing import Opcode, encode_frame
from sectorwars.protocol.signing import FrameSigner


class FoundationBroadcasts:
    """The newest figures as WebSocket frames; kept until the next beat."""

    def __init__(
        self, snapshots: Snapshots, pulse: Pulse, stream_id: str, signer: FrameSigner
    ) -> None:
        """Read from `snapshots` and `pulse`; frames carry `stream_id` and a signature."""
        self._snapshots = snapshots
        self._read_pulse = pulse
        self._stream_id = stream_id
        self._signer = signer
        self._market: dict[Commodity, bytes] = {}
        self._pulse: bytes | None = None

    def beat(self) -> None:
        """Let the figures be read anew."""
        self._market.clear()
        self._pulse = None

    def market_update(self, commodity: Commodity, moment: Moment) -> bytes:
        """Return a good's `market_update`."""
        wire = self._market.get(commodity)
        if wire is None:
            figures = self._snapshots.market_realtime(commodity)
            payload = market_update_frame(figures, self._stream_id, moment.wall, self._signer)
            wire = self._market[commodity] = encode_frame(Opcode.TEXT, payload)
        return wire

    def pulse(self, moment: Moment) -> bytes:
        """Return the `universe_pulse`."""
        if self._pulse is None:
            pulse = self._read_pulse()
            payload = pulse_frame(pulse, self._stream_id, moment.wall, self._signer)
            self._pulse = encode_frame(Opcode.TEXT, payload)
        return self._pulse
