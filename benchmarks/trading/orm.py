"""The plain path: a SQLAlchemy ORM transaction per trade, with row locks."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sectorwars.domain.market import buy_ladder, ladder_total, sell_ladder, trade_tax
from trading.group_commit import HOT_PERCENT, HOT_PORTS, QUANTITY
from trading.load import Trade as MakeTrade

_PORTS = 60
_BASE_PRICE = 50
_TARGET = 5_000


class _Base(DeclarativeBase):
    pass


class _Port(_Base):
    __tablename__ = "orm_ports"
    id: Mapped[int] = mapped_column(primary_key=True)
    credits: Mapped[int]
    stock: Mapped[int]
    version: Mapped[int]


class _Player(_Base):
    __tablename__ = "orm_players"
    id: Mapped[int] = mapped_column(primary_key=True)
    credits: Mapped[int]
    cargo: Mapped[int]


class _Trade(_Base):
    __tablename__ = "orm_trades"
    id: Mapped[int] = mapped_column(primary_key=True)
    command_id: Mapped[str] = mapped_column(unique=True)
    player_id: Mapped[int] = mapped_column(ForeignKey("orm_players.id"))
    port_id: Mapped[int] = mapped_column(ForeignKey("orm_ports.id"))
    quantity: Mapped[int]
    total_credits: Mapped[int]


_SERIAL = itertools.count()


async def _trade(engine: AsyncEngine, player_id: int, port_id: int) -> None:
    async with AsyncSession(engine) as session, session.begin():
        player = (
            await session.scalars(select(_Player).where(_Player.id == player_id).with_for_update())
        ).one()
        port = (
            await session.scalars(select(_Port).where(_Port.id == port_id).with_for_update())
        ).one()
        bought = -QUANTITY if player.cargo else QUANTITY
        ladder = buy_ladder if bought > 0 else sell_ladder
        total = ladder_total(ladder(_BASE_PRICE, port.stock, _TARGET, QUANTITY))
        paid = total if bought > 0 else -total
        player.credits -= paid + trade_tax(total)
        player.cargo += bought
        port.credits += paid
        port.stock -= bought
        port.version += 1
        session.add(
            _Trade(
                command_id=f"orm-{next(_SERIAL)}",
                player_id=player_id,
                port_id=port_id,
                quantity=bought,
                total_credits=total,
            )
        )


def _trader(engine: AsyncEngine, player_id: int, port_id: int) -> MakeTrade:
    async def trade() -> None:
        await _trade(engine, player_id, port_id)

    return trade


@asynccontextmanager
async def open_orm_traders(dsn: str, count: int) -> AsyncIterator[Sequence[MakeTrade]]:
    """Make tables of its own in an empty database; return traders spread like ours."""
    url = dsn.replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url, pool_size=count, max_overflow=0)
    async with engine.begin() as connection:
        await connection.run_sync(_Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add_all(_Port(id=i, credits=10**9, stock=_TARGET, version=0) for i in range(_PORTS))
        session.add_all(_Player(id=i, credits=10**6, cargo=0) for i in range(count))
    at_hot = count * HOT_PERCENT // 100
    try:
        yield [
            _trader(
                engine,
                i,
                i % HOT_PORTS if i < at_hot else HOT_PORTS + i % (_PORTS - HOT_PORTS),
            )
            for i in range(count)
        ]
    finally:
        await engine.dispose()
