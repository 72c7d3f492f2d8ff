"""The stores of a process, over one pool of connections."""

from dataclasses import dataclass

from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.alert_store import PostgresAlertStore
from sectorwars.persistence.postgres.audit_trail import PostgresAuditTrail
from sectorwars.persistence.postgres.backtest_store import PostgresBacktestStore
from sectorwars.persistence.postgres.connection import Pool
from sectorwars.persistence.postgres.conversation_store import PostgresConversationStore
from sectorwars.persistence.postgres.event_archive import PostgresEventArchive
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.forecast_store import PostgresForecastStore
from sectorwars.persistence.postgres.foundation_session_store import (
    PostgresFoundationSessionStore,
)
from sectorwars.persistence.postgres.market_archive import PostgresMarketArchive
from sectorwars.persistence.postgres.market_record import PostgresMarketRecord
from sectorwars.persistence.postgres.order_archive import PostgresOrderArchive
from sectorwars.persistence.postgres.profile_store import PostgresProfileStore
from sectorwars.persistence.postgres.rule_trace_archive import PostgresRuleTraceArchive


@dataclass(frozen=True, slots=True)
class Stores:
    """The log and what is kept beside it."""

    log: PostgresEventStore
    archive: PostgresMarketArchive
    accounts: PostgresAccountStore
    conversations: PostgresConversationStore
    alerts: PostgresAlertStore
    profiles: PostgresProfileStore
    forecasts: PostgresForecastStore
    rule_traces: PostgresRuleTraceArchive
    audit: PostgresAuditTrail
    events: PostgresEventArchive
    orders: PostgresOrderArchive
    foundation_sessions: PostgresFoundationSessionStore
    market_record: PostgresMarketRecord
    backtests: PostgresBacktestStore

    @classmethod
    def over(cls, pool: Pool) -> "Stores":
        """Return the stores that use connections of `pool`."""
        return cls(
            PostgresEventStore(pool),
            PostgresMarketArchive(pool),
            PostgresAccountStore(pool),
            PostgresConversationStore(pool),
            PostgresAlertStore(pool),
            PostgresProfileStore(pool),
            PostgresForecastStore(pool),
            PostgresRuleTraceArchive(pool),
            PostgresAuditTrail(pool),
            PostgresEventArchive(pool),
            PostgresOrderArchive(pool),
            PostgresFoundationSessionStore(pool),
            PostgresMarketRecord(pool),
            PostgresBacktestStore(pool),
        )
