"""The engine's side of published frames: signs what some gateway wants and puts it on the bus."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog

from sectorwars.application.bus import (
    BatchCommitted,
    BusUnavailableError,
    ChannelPlace,
    ChannelsPlaced,
    ChannelsWanted,
    EngineAlive,
    EventBus,
    GatewayMessage,
    RelayedFrame,
)
from sectorwars.application.ports import Clock, StoreUnavailableError
from sectorwars.application.reading.projection import Committed
from sectorwars.protocol.channel import SignedChannel
from sectorwars.protocol.publication import Publication, public_name
from sectorwars.protocol.signing import FrameSigner

HEARTBEAT_SECONDS: Final = 1.0
WANTED_SECONDS: Final = 60.0
"""How long a channel is relayed after a gateway last asked for it."""
CHANNELS_MAX: Final = 50_000

_RELISTEN_SECONDS: Final = 0.2
_NOTHING: Final = Committed((), ())

_LOG = structlog.get_logger(__name__)


class Gateways(Protocol):
    """What the engine has to know of the gateways."""

    async def began(self) -> None:
        """Know that from now on they are heard, and learn from the store what was not.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        ...

    def hear(self, message: GatewayMessage) -> None:
        """Take note of what a gateway says."""
        ...

    def broke_off(self) -> None:
        """Know that they are not heard any more."""
        ...


class FrameRelay:
    """An `application.ports.Broadcaster` whose listeners are the gateways.

    What a committed batch publishes travels with it in one message, so that a gateway shows both
    or neither.
    """

    def __init__(
        self,
        bus: EventBus,
        signer: FrameSigner,
        keys: tuple[bytes, ...],
        stream_id: str,
        exists: Callable[[str], bool],
        clock: Clock,
        gateways: Gateways,
    ) -> None:
        """Relay over `bus` under `stream_id`, which is unique to this run.

        `keys` are the raw public keys that gateways are told, that of `signer` among them;
        `exists` says whether a channel that is asked for can have frames. `gateways` hears what
        else gateways say.
        """
        self._bus = bus
        self._signer = signer
        self._keys = keys
        self._gateways = gateways
        self._stream_id = stream_id
        self._exists = exists
        self._clock = clock
        self._channels: dict[str, SignedChannel] = {}
        self._wanted_at: dict[str, float] = {}
        self._epochs = 0
        self._term = 0
        self._offset = 0
        self._frames: list[RelayedFrame] | None = None

    def begin(self, term: int, offset: int) -> None:
        """Speak from now on as the engine that holds lease version `term`, at `offset`."""
        self._term = term
        self._offset = offset

    def wants(self, channel: str) -> bool:
        """Return whether some gateway listens to the channel."""
        return channel in self._channels

    def publish(self, publications: Sequence[Publication]) -> None:
        """Give each message its place and sign it; it leaves with its batch, or now."""
        frames = [
            self._frame(channel, publication)
            for publication in publications
            if (channel := self._channels.get(publication.channel)) is not None
        ]
        if self._frames is not None:
            self._frames.extend(frames)
        elif frames:
            self._bus.publish(BatchCommitted(self._term, _NOTHING, tuple(frames)))

    def take_over(self, committed: Committed, publish: Callable[[Committed], None]) -> None:
        """Put a committed batch on the bus with all that `publish` publishes of it."""
        self._frames = []
        try:
            publish(committed)
        finally:
            frames, self._frames = tuple(self._frames), None
        if committed.events:
            self._offset = committed.events[-1].offset
        self._bus.publish(BatchCommitted(self._term, committed, frames))

    async def run(self) -> None:
        """Answer the gateways and show that the engine lives, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._beat())
            while True:
                try:
                    async with self._bus.listen(to_gateways_only=True) as messages:
                        await self._gateways.began()
                        async for message in messages:
                            if isinstance(message, ChannelsWanted):
                                self.open(message.channels)
                            elif isinstance(message, GatewayMessage):
                                self._gateways.hear(message)
                except (BusUnavailableError, StoreUnavailableError) as reason:
                    _LOG.warning("gateways_unheard", reason=str(reason))
                finally:
                    self._gateways.broke_off()
                await asyncio.sleep(_RELISTEN_SECONDS)

    def open(self, names: Sequence[str]) -> None:
        """Relay these channels from now on, and say where they are."""
        now = self._clock.monotonic()
        places = []
        for name in names:
            channel = self._channels.get(name)
            if channel is None:
                if len(self._channels) >= CHANNELS_MAX or not self._exists(name):
                    continue
                self._epochs += 1
                epoch = f"{self._stream_id}.{self._epochs}"
                # The gateways remember the frames; here, the newest is enough.
                channel = SignedChannel(public_name(name), epoch, self._stream_id, self._signer, 1)
                self._channels[name] = channel
            self._wanted_at[name] = now
            places.append(ChannelPlace(name, channel.public_name, channel.epoch, channel.offset))
        self._bus.publish(ChannelsPlaced(self._term, tuple(places)))

    def forget_unwanted(self) -> None:
        """Forget the channels that no gateway has asked for in a while."""
        now = self._clock.monotonic()
        for name, at in list(self._wanted_at.items()):
            if now - at >= WANTED_SECONDS:
                del self._channels[name]
                del self._wanted_at[name]

    async def _beat(self) -> None:
        while True:
            self._bus.publish(EngineAlive(self._term, self._offset, self._keys))
            self.forget_unwanted()
            await asyncio.sleep(HEARTBEAT_SECONDS)

    def _frame(self, channel: SignedChannel, publication: Publication) -> RelayedFrame:
        frame = channel.append(publication)
        place = ChannelPlace(
            publication.channel, channel.public_name, channel.epoch, channel.offset
        )
        return RelayedFrame(
            place,
            publication.type,
            publication.at,
            publication.player_id,
            publication.conflatable,
            channel.encode(frame),
        )
