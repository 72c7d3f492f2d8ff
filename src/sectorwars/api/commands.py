"""From a request to the single writer: the command's id, the envelope, the answer."""

from typing import Annotated, Final

from fastapi import Depends, Header, Request
from fastapi.responses import Response

from sectorwars.api.errors import RefusedError
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import outcome_response
from sectorwars.api.schemas import ID_PATTERN
from sectorwars.api.services import ServicesDep
from sectorwars.application.rows import Receipt
from sectorwars.domain.command import CommandEnvelope, Origin, PlayerCommand
from sectorwars.domain.ids import COMMAND_ID_LENGTH_MAX, CommandId
from sectorwars.domain.rejection import Refusal, Retry

COMMAND_CODES: Final = (
    *TOKEN_CODES,
    "malformed_json",
    "request_too_large",
    "unsupported_media_type",
    "invalid_request",
    "command_id_mismatch",
    "command_id_conflict",
    "command_id_reserved",
    "unknown_player",
    "in_transit",
    "busy",
    "server_stopping",
    "trading_timeout",
    "outcome_unknown",
    "store_unavailable",
    "internal_error",
)
"""What any command may be refused for; routes add the codes of their own."""

_MISMATCH: Final = Refusal(
    "command_id_mismatch",
    Retry.NEVER,
    "Idempotency-Key and command_id differ; send one, or the same in both.",
)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=COMMAND_ID_LENGTH_MAX,
        pattern=ID_PATTERN,
        description="The command's id, made by the caller and kept over retries.",
    ),
]


class Arrival:
    """When a command came, on the monotonic clock, in seconds, and under which id."""

    def __init__(
        self, services: ServicesDep, request: Request, idempotency_key: IdempotencyKey = None
    ) -> None:
        """Take the id from the header, unless the body has the same."""
        self.received_monotonic: float = request.state.received_monotonic
        self._new_command_id = services.new_command_id
        self._idempotency_key = idempotency_key
        self._state = request.state

    def command_id(self, in_body: str | None) -> CommandId:
        """Return the id in the body or in the header, or a new one."""
        in_header = self._idempotency_key
        if in_body is not None and in_header is not None and in_body != in_header:
            raise RefusedError(_MISMATCH)
        given = in_body or in_header
        command_id = self._new_command_id() if given is None else CommandId(given)
        # For the log's line of the request.
        self._state.command_id = command_id
        return command_id


ArrivalDep = Annotated[Arrival, Depends()]


class Submission:
    """A caller's way to the single writer; the clock for its time limit started on arrival."""

    def __init__(self, services: ServicesDep, principal: PrincipalDep, arrival: ArrivalDep) -> None:
        """Speak for `principal`."""
        self._services = services
        self._principal = principal
        self._arrival = arrival

    async def submit(self, command: PlayerCommand, command_id: str | None) -> Response:
        """Execute a command as `outcome` does, and answer with its receipt or the problem."""
        return outcome_response(await self.outcome(command, command_id))

    async def outcome(self, command: PlayerCommand, command_id: str | None) -> Receipt | Refusal:
        """Execute a command under the id in the body or in the header, or a new one."""
        envelope = CommandEnvelope(
            self._arrival.command_id(command_id), self._principal.player_id, Origin.REST, command
        )
        return await self._services.processor.submit(envelope, self._arrival.received_monotonic)


SubmissionDep = Annotated[Submission, Depends()]
