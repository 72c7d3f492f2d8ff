"""The Foundation dialect: the frames of an unchanged browser client, mapped to our own nouns.

What that client sends, drops and shows is on record in docs/PROTOCOL.md and in the contract
tests, which replay frames as it sent them.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from sectorwars.domain.command import (
    CommandEnvelope,
    Origin,
    PlayerCommand,
    SwitchAutomation,
    Trade,
)
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal, RejectionCode, Retry
from sectorwars.domain.values import rfc3339
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.codec import DecodedFrame, read_shape
from sectorwars.protocol.dialect import (
    Executed,
    Outcome,
    SessionLimits,
    freshness_refusal,
    too_many_subscriptions,
)
from sectorwars.protocol.effect import (
    Authenticate,
    Close,
    Denied,
    Effect,
    FollowAccount,
    Identity,
    KeepSession,
    Moment,
    Refused,
    Request,
    Send,
    SendMarketUpdates,
    SendPredictions,
    SendPulse,
    Submit,
)
from sectorwars.protocol.foundation_messages import (
    AuthenticateData,
    FoundationFrame,
    MarketSubscription,
    PredictionsRequest,
    ToggleData,
    TradeData,
)
from sectorwars.protocol.pacing import Pacer
from sectorwars.protocol.publication import FrameType
from sectorwars.protocol.rate_limit import RefusalWindow
from sectorwars.protocol.refusal import (
    RefusalCode,
    refusal_members,
    refuse,
    rejection_members,
)
from sectorwars.protocol.shapes.account import AccountUpdate
from sectorwars.protocol.shapes.advice import AlertSignal
from sectorwars.protocol.shapes.automation import AutomationStatus
from sectorwars.protocol.shapes.forecast import MarketPrediction
from sectorwars.protocol.signing import FrameSigner, foundation_digest, signed_frame

COMMAND_ID_PREFIX: Final = "f-"
_REMEMBERED_COMMANDS_MAX: Final = 1_024


@dataclass(slots=True)
class FoundationStream:
    """What a client's session follows, kept when its connection is lost and found on return."""

    pacer: Pacer = field(default_factory=Pacer)
    goods: tuple[Commodity, ...] = ()
    pulse: bool = False
    signals: bool = False


class FoundationDialect:
    """A Foundation connection. The newest connection of a session speaks; older ones are silent."""

    def __init__(
        self,
        session_id: str,
        limits: SessionLimits,
        signer: FrameSigner,
        port_name: Callable[[str], str],
        automation_status: Callable[[PlayerId], AutomationStatus],
        moment: Moment,
    ) -> None:
        """Speak with one client.

        Args:
            session_id: the id that the client made for its session.
            limits: the session's limits.
            signer: the gateway's own key.
            port_name: gives a port's name, for the sentence about a trade.
            automation_status: gives how a player's automation stands, committed.
            moment: now.
        """
        self.identity: Identity | None = None
        self._session_id = session_id
        self._limits = limits
        self._signer = signer
        self._port_name = port_name
        self._automation_status = automation_status
        self._stream = FoundationStream()
        self._superseded = False
        self._commands: OrderedDict[CommandId, None] = OrderedDict()
        self._in_flight = 0
        self._refusals = RefusalWindow(limits.refusals_per_minute, moment.monotonic)

    @property
    def session_id(self) -> str:
        """The id that the client made for its session."""
        return self._session_id

    @property
    def stream(self) -> FoundationStream:
        """What the client's session follows."""
        return self._stream

    def receive(self, frame: DecodedFrame, moment: Moment) -> Sequence[Effect]:
        """Take a decoded frame: schema, session, digest, then freshness."""
        request = read_shape(frame.members, FoundationFrame)
        if isinstance(request, Refusal):
            return self.refuse(request, None, moment)
        action = request.data.get("action", request.data.get("type"))
        if request.type == "ai_alert" and action == "authenticate":
            return self._authenticate(request, moment)
        if self.identity is None:
            return self.refuse(refuse(RefusalCode.NOT_AUTHENTICATED), None, moment)
        refuse_as = self._refuse_trade if action == "execute_trade" else self._refuse_request
        digest = foundation_digest(frame.data, request.session_id)
        forged = self._check_digest(request, digest)
        if forged is not None:
            return [Denied(forged.code), *refuse_as(forged, moment)]
        stale = freshness_refusal(request.timestamp, moment.wall, self._limits.freshness_seconds)
        if (request.type, action) == ("trading_signal", "execute_trade"):
            return self._execute_trade(request, digest, self.identity, stale, moment)
        if (request.type, action) == ("trading_signal", "toggle_automation"):
            return self._toggle_automation(request, digest, self.identity, stale, moment)
        if stale is not None:
            return self.refuse(stale, None, moment)
        return self._act(request.type, action, request.data, moment)

    def refuse(self, refusal: Refusal, frame_id: str | None, moment: Moment) -> Sequence[Effect]:
        """Answer a frame that is no valid request."""
        return self._refuse_request(refusal, moment)

    def refuse_authentication(
        self, refusal: Refusal, frame_id: str | None, moment: Moment
    ) -> Sequence[Effect]:
        """Answer `auth_failed`, then close with 1000, which the client takes as an end."""
        data = {"action": "auth_failed", **refusal_members(refusal)}
        answer = self._direct(FrameType.AI_ALERT, data, moment)
        closing = Close(CloseCode.NORMAL)
        return [Denied(refusal.code), Refused(refusal.code), answer, closing]

    def authenticated(
        self, identity: Identity, stream: FoundationStream, moment: Moment
    ) -> Sequence[Effect]:
        """Let the client in, and give a returning session its subscriptions back."""
        self.identity = identity
        self._stream = stream
        data = {"action": "auth_success", "player_id": identity.player_id}
        effects: list[Effect] = [self._direct(FrameType.AI_ALERT, data, moment), FollowAccount()]
        effects += self._snapshots(moment)
        if stream.pulse and stream.pacer.pulse(moment.monotonic):
            effects.append(SendPulse())
        return effects

    def supersede(self) -> None:
        """Fall silent: the client has a newer connection for the same session."""
        self._superseded = True

    def decided(self, submit: Submit, outcome: Outcome, moment: Moment) -> Sequence[Effect]:
        """Answer a command with its outcome, or `receipt` to a repetition, or `trade_refused`."""
        self._in_flight -= 1
        command_id = submit.envelope.command_id
        if isinstance(outcome, Refusal):
            return self._refuse_trade(outcome, moment, command_id)
        if not isinstance(outcome, Executed):
            return self._trade_refused(rejection_members(outcome), moment, command_id)
        executed = msgspec.json.decode(outcome.body, type=dict[str, Any])
        if submit.request.frame_id is not None:
            receipt = {"action": "receipt", **executed}
            return [self._direct(FrameType.AI_ALERT, receipt, moment)]
        if isinstance(submit.envelope.command, SwitchAutomation):
            status = self._automation_status(_player_id(submit))
            return [self._automation_update(status, command_id, moment)]
        return [self._trade_executed(executed["trade"], command_id, None, moment)]

    def predicted(
        self, predictions: Sequence[MarketPrediction], moment: Moment
    ) -> Sequence[Effect]:
        """Answer with forecasts, or refuse where none stands yet."""
        if not predictions:
            refusal = refuse(RefusalCode.NOT_AVAILABLE_YET, "There is no forecast yet; ask later.")
            return self.refuse(refusal, None, moment)
        data = {"action": "predictions_response", "predictions": list(predictions)}
        return [self._direct(FrameType.MARKET_UPDATE, data, moment)]

    def account_published(
        self, update: AccountUpdate | AlertSignal, moment: Moment
    ) -> Sequence[Effect]:
        """Show a trade that the player or a rule of his made by another door, once, how his
        automation stands when that has changed, and what he is alerted to.
        """
        if not self._stream.signals or self._superseded:
            return ()
        if isinstance(update, AlertSignal):
            data = msgspec.to_builtins(update)
            return [self._direct(FrameType.TRADING_SIGNAL, data, moment)]
        # What was asked for here is answered here.
        if update.command_id is not None and update.command_id in self._commands:
            return ()
        effects: list[Effect] = []
        if update.trade is not None:
            trade = msgspec.to_builtins(update.trade)
            effects.append(self._trade_executed(trade, update.command_id, update.reasoning, moment))
        if update.automation is not None:
            effects.append(self._automation_update(update.automation, update.command_id, moment))
        return effects

    def timer(self, moment: Moment) -> Sequence[Effect]:
        """Send the update and the pulse that are due, and the sum of refusals held back."""
        effects: list[Effect] = []
        suppressed = self._refusals.roll(moment.monotonic)
        if suppressed:
            refusal = refuse(
                RefusalCode.REFUSALS_SUMMARISED,
                f"{suppressed} more requests were refused in the last minute.",
                limit=f"refusals_per_minute={self._limits.refusals_per_minute}",
                remaining=0,
            )
            data = {"type": "trade_refused", **refusal_members(refusal), "count": suppressed}
            effects.append(self._direct(FrameType.TRADING_SIGNAL, data, moment))
        if self._superseded or self.identity is None:
            return effects
        stream = self._stream
        commodity = stream.pacer.update(moment.monotonic)
        if commodity is not None:
            effects.append(SendMarketUpdates((commodity,)))
        if stream.pulse and stream.pacer.pulse(moment.monotonic):
            effects.append(SendPulse())
        return effects

    def _authenticate(self, request: FoundationFrame, moment: Moment) -> Sequence[Effect]:
        if self.identity is not None:
            return self.refuse(refuse(RefusalCode.ALREADY_AUTHENTICATED), None, moment)
        data = read_shape(request.data, AuthenticateData)
        if isinstance(data, Refusal):
            return self.refuse_authentication(data, None, moment)
        if not data.session_id == request.session_id == self._session_id:
            return self.refuse_authentication(refuse(RefusalCode.SESSION_MISMATCH), None, moment)
        # The digest of this one frame covers the token alone.
        covered = msgspec.json.encode({"token": data.token})
        if request.signature != foundation_digest(covered, request.session_id):
            return self.refuse_authentication(refuse(RefusalCode.INVALID_SIGNATURE), None, moment)
        return [Authenticate(data.token, self._session_id, True, Request(None))]

    def _check_digest(self, request: FoundationFrame, digest: str) -> Refusal | None:
        if request.session_id != self._session_id:
            return refuse(RefusalCode.SESSION_MISMATCH)
        return None if request.signature == digest else refuse(RefusalCode.INVALID_SIGNATURE)

    def _act(
        self, kind: str, action: Any, data: dict[str, Any], moment: Moment
    ) -> Sequence[Effect]:
        match kind, action:
            case "ai_alert", "ping":
                return [self._direct(FrameType.AI_ALERT, {"action": "pong"}, moment)]
            case "market_update", "subscribe":
                return self._follow_market(data, moment)
            case "universe_pulse", "subscribe":
                self._stream.pulse = True
                due = self._stream.pacer.pulse(moment.monotonic, at_once=True)
                return [KeepSession(), SendPulse()] if due else [KeepSession()]
            case "trading_signal", "subscribe":
                self._stream.signals = True
                return [KeepSession()]
            case "market_update", "get_predictions":
                return self._get_predictions(data, moment)
            case _:
                return self._refuse_request(refuse(RefusalCode.UNKNOWN_REQUEST), moment)

    def _follow_market(self, data: dict[str, Any], moment: Moment) -> Sequence[Effect]:
        subscription = read_shape(data, MarketSubscription)
        if isinstance(subscription, Refusal):
            return self.refuse(subscription, None, moment)
        limit = self._limits.subscriptions_max
        if len(subscription.commodities) > limit:
            refusal = too_many_subscriptions(limit, len(self._stream.goods))
            return self.refuse(refusal, None, moment)
        named = _goods(subscription.commodities)
        if isinstance(named, Refusal):
            return self.refuse(named, None, moment)
        self._stream.goods = named or COMMODITIES
        return [KeepSession(), *self._snapshots(moment)]

    def _get_predictions(self, data: dict[str, Any], moment: Moment) -> Sequence[Effect]:
        request = read_shape(data, PredictionsRequest)
        if isinstance(request, Refusal):
            return self.refuse(request, None, moment)
        named = _goods(request.commodities)
        if isinstance(named, Refusal):
            return self.refuse(named, None, moment)
        return [SendPredictions(named, request.timeframe)]

    def _snapshots(self, moment: Moment) -> list[Effect]:
        stream = self._stream
        stream.pacer.follow(stream.goods)
        goods = stream.pacer.snapshot(stream.goods, moment.monotonic)
        return [SendMarketUpdates(goods)] if goods else []

    def _execute_trade(
        self,
        request: FoundationFrame,
        digest: str,
        identity: Identity,
        stale: Refusal | None,
        moment: Moment,
    ) -> Sequence[Effect]:
        command_id = CommandId(COMMAND_ID_PREFIX + digest)
        if not self._limits.foundation_trading:
            return self._refuse_trade(refuse(RefusalCode.TRADING_DISABLED), moment, command_id)
        data = read_shape(request.data, TradeData)
        if isinstance(data, Refusal):
            return self._refuse_trade(data, moment, command_id)
        command = data.command
        side = Side(command.action)
        # The client's form may fill in both bounds; the one of the other side says nothing.
        bound = command.max_price if side is Side.BUY else command.min_price
        order = Trade(side, command.commodity, command.amount, bound)
        return self._submit(order, command_id, identity, stale, moment)

    def _toggle_automation(
        self,
        request: FoundationFrame,
        digest: str,
        identity: Identity,
        stale: Refusal | None,
        moment: Moment,
    ) -> Sequence[Effect]:
        command_id = CommandId(COMMAND_ID_PREFIX + digest)
        data = read_shape(request.data, ToggleData)
        if isinstance(data, Refusal):
            return self._refuse_request(data, moment)
        # What stops trades is always allowed.
        if not self._limits.foundation_trading and data.active is not False:
            return self._refuse_request(refuse(RefusalCode.TRADING_DISABLED), moment)
        return self._submit(SwitchAutomation(data.active), command_id, identity, stale, moment)

    def _submit(
        self,
        command: PlayerCommand,
        command_id: CommandId,
        identity: Identity,
        stale: Refusal | None,
        moment: Moment,
    ) -> Sequence[Effect]:
        limit = self._limits.requests_in_flight_max
        if self._in_flight >= limit:
            refusal = refuse(
                RefusalCode.TOO_MANY_REQUESTS,
                retry_after_ms=1_000,
                limit=f"requests_in_flight_max={limit}",
                remaining=0,
            )
            return self._refuse_trade(refusal, moment, command_id)
        self._in_flight += 1
        repeated = command_id in self._commands
        self._commands[command_id] = None
        if len(self._commands) > _REMEMBERED_COMMANDS_MAX:
            self._commands.popitem(last=False)
        envelope = CommandEnvelope(command_id, identity.player_id, Origin.FOUNDATION, command)
        return [Submit(envelope, Request(command_id if repeated else None), stale)]

    def _automation_update(
        self, status: AutomationStatus, command_id: str | None, moment: Moment
    ) -> Send:
        data: dict[str, object] = {"type": "automation_update", "status": status}
        if command_id is not None:
            data["command_id"] = command_id
        return self._direct(FrameType.TRADING_SIGNAL, data, moment)

    def _trade_executed(
        self,
        trade: dict[str, Any],
        command_id: str | None,
        reasoning: str | None,
        moment: Moment,
    ) -> Send:
        data: dict[str, object] = {
            "type": "trade_executed",
            "trade": {
                "type": trade["side"],
                "commodity": trade["commodity"],
                "amount": trade["quantity"],
                "profit": trade["profit_credits"] or 0,
                "timestamp": trade["executed_at"],
                "reasoning": reasoning or self._reasoning(trade),
            },
        }
        if command_id is not None:
            data["command_id"] = command_id
        return self._direct(FrameType.TRADING_SIGNAL, data, moment)

    def _reasoning(self, trade: dict[str, Any]) -> str:
        prices = [fill["price_credits"] for fill in trade["fills"]]
        low, high = min(prices), max(prices)
        each = f"{low}" if low == high else f"{low}-{high}"
        verb = "Bought" if trade["side"] == Side.BUY else "Sold"
        port = self._port_name(trade["port_id"])
        return f"{verb} {trade['quantity']} {trade['commodity']} at {each} credits at {port}"

    def _refuse_request(self, refusal: Refusal, moment: Moment) -> Sequence[Effect]:
        noted = Refused(refusal.code)
        if not self._refusals.admit():
            return [noted]
        data = {"type": "trade_refused", **refusal_members(refusal)}
        return [noted, self._direct(FrameType.AI_ALERT, data, moment)]

    def _refuse_trade(
        self, refusal: Refusal, moment: Moment, command_id: CommandId | None = None
    ) -> Sequence[Effect]:
        return self._trade_refused(refusal_members(refusal), moment, command_id)

    def _trade_refused(
        self, members: dict[str, object], moment: Moment, command_id: CommandId | None
    ) -> Sequence[Effect]:
        noted = Refused(str(members["code"]), None, command_id)
        if not self._refusals.admit():
            return [noted]
        data = {"type": "trade_refused", **members}
        if command_id is not None:
            data["command_id"] = command_id
        return [noted, self._direct(FrameType.TRADING_SIGNAL, data, moment)]

    def _direct(self, kind: FrameType, data: dict[str, Any], moment: Moment) -> Send:
        frame: dict[str, object] = {
            "type": kind.value,
            "data": data,
            "timestamp": rfc3339(moment.wall),
            "session_id": self._session_id,
        }
        if self.identity is not None:
            frame["player_id"] = self.identity.player_id
        return Send(signed_frame(frame, self._signer))


def _player_id(submit: Submit) -> PlayerId:
    player_id = submit.envelope.player_id
    if player_id is None:
        raise TypeError("a session submits its player's commands only")
    return player_id


def _goods(names: Sequence[str]) -> tuple[Commodity, ...] | Refusal:
    try:
        return tuple(Commodity(name) for name in dict.fromkeys(names))
    except ValueError as error:
        detail = f"There is no such good: {error}."
        return Refusal(RejectionCode.UNKNOWN_COMMODITY, Retry.NEVER, detail)
