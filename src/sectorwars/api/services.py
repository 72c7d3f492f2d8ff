"""What the routes work with, given to the application once."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any

from fastapi import Depends, Request

from sectorwars.application.accounts.authentication import Authenticator
from sectorwars.application.accounts.client_address import client_address
from sectorwars.application.advice.advisor import Advisor
from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.aria.service import AriaService
from sectorwars.application.audit.search import AuditSearch
from sectorwars.application.audit.trail import DenialCounts
from sectorwars.application.backtest.desk import BacktestDesk
from sectorwars.application.forecasts.scoreboard import ForecastScoreboard
from sectorwars.application.operators.account_administration import AccountAdministration
from sectorwars.application.operators.connection_oversight import ConnectionOversight
from sectorwars.application.operators.permissions import Authority
from sectorwars.application.operators.trading_controls import TradingControls
from sectorwars.application.ports import Clock
from sectorwars.application.reading.order_queries import OrderQueries
from sectorwars.application.reading.profit import ProfitAccounts
from sectorwars.application.reading.queries import Queries
from sectorwars.application.reading.rule_traces import RuleTraces
from sectorwars.application.writing.command_writer import CommandWriter
from sectorwars.domain.ids import CommandId
from sectorwars.protocol.service_proof import SERVICE_PROOF_HEADER


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """What the HTTP side takes from the settings.

    `body_bytes_max` bounds a request's body; `allowed_origins` are those of other sites' pages
    that may call the interface (none by default); `trusted_proxies` are believed about whom they
    forward for. Who reads the metrics needs `metrics_token`, or to be on this machine where there
    is none.
    """

    body_bytes_max: int = 64 * 1024
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    metrics_token: str | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """The application behind the routes.

    `jwks` returns the document of public keys; `not_ready` says why the server cannot trade just
    now, or None; `new_command_id` makes an id for callers who bring none.
    """

    processor: CommandWriter
    queries: Queries
    order_queries: OrderQueries
    profit_accounts: ProfitAccounts
    forecast_scoreboard: ForecastScoreboard
    rule_traces: RuleTraces
    advisor: Advisor
    alerts: AlertBook
    backtests: BacktestDesk
    aria: AriaService
    authenticator: Authenticator
    denials: DenialCounts
    authority: Authority
    accounts: AccountAdministration
    audit_search: AuditSearch
    trading_controls: TradingControls
    connections: ConnectionOversight
    clock: Clock
    limits: ApiLimits
    jwks: Callable[[], dict[str, Any]]
    not_ready: Callable[[], str | None]
    new_command_id: Callable[[], CommandId]


def services_of(request: Request) -> Services:
    """Return the services of the application that the request came to."""
    services: Services = request.app.state.services
    return services


async def _services(request: Request) -> Services:
    return services_of(request)


async def _address(request: Request) -> str:
    peer = None if request.client is None else request.client.host
    forwarded_for = ",".join(request.headers.getlist("x-forwarded-for"))
    return client_address(peer, forwarded_for, services_of(request).limits.trusted_proxies)


async def _service_proof(request: Request) -> str | None:
    return request.headers.get(SERVICE_PROOF_HEADER)


ServicesDep = Annotated[Services, Depends(_services)]
AddressDep = Annotated[str, Depends(_address)]
ServiceProofDep = Annotated[str | None, Depends(_service_proof)]
