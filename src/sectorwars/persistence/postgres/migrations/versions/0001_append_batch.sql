-- One batch of the writer, all or nothing, in one round trip. Its arguments are arrays of these
-- rows; the server cuts nothing out of the payloads, the writer has done so.

CREATE TYPE batch_event AS (log_offset bigint, kind text, payload text, hash bytea);
CREATE TYPE batch_tick AS (log_offset bigint, tick bigint, payload bytea, hash bytea);
CREATE TYPE batch_trade AS (
    log_offset bigint, trade_id text, player_id text, port_id text, transaction_type text,
    commodity text, quantity bigint, total_credits bigint, fees_credits bigint,
    profit_credits bigint, volume_24h bigint, stock_after bigint, market_version bigint,
    tick bigint, executed_at_us bigint
);
CREATE TYPE batch_receipt AS (
    player_id text, command_id text, payload_hash bytea, status text, code text, body bytea,
    decided_at_us bigint
);
CREATE TYPE batch_player AS (
    player_id text, registered_at_us bigint, turns integer, turns_as_of_us bigint,
    trade_serial bigint, realised_profit_credits bigint, ship_id text, ship_class text,
    sector_id text, docked_port_id text, journey_to_sector_id text,
    journey_departed_at_us bigint, journey_arrives_at_us bigint, commodities text[]
);
CREATE TYPE batch_cargo AS (player_id text, commodity text, units bigint, lots text);
CREATE TYPE batch_account AS (account text, balance_credits bigint);
CREATE TYPE batch_prices AS (tick bigint, market bytea, port_mids bytea);
CREATE TYPE batch_index_candle AS (candle_interval text, start_tick bigint, payload bytea);
CREATE TYPE batch_port_candle AS (port_index integer, start_tick bigint, payload bytea);

CREATE FUNCTION append_batch(
    lease_version bigint,
    previous_offset bigint,
    new_offset bigint,
    new_event_hash bytea,
    new_tick_hash bytea,
    new_events batch_event[],
    new_ticks batch_tick[],
    new_trades batch_trade[],
    new_receipts batch_receipt[],
    new_players batch_player[],
    new_cargo batch_cargo[],
    new_accounts batch_account[],
    new_prices batch_prices[],
    new_index_candles batch_index_candle[],
    new_port_candles batch_port_candle[]
) RETURNS void
LANGUAGE plpgsql
-- The plans are made once a connection, perhaps while the tables are empty; they must still be
-- right when the tables are big, so only look-ups by index come into question.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
BEGIN
    -- The row lock holds off a takeover until this batch is in, and this batch after a takeover.
    UPDATE writer_lease SET heartbeat_at = clock_timestamp() WHERE version = lease_version;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'lease version % has been taken over', lease_version
            USING ERRCODE = 'SW001';
    END IF;

    UPDATE log_head
    SET last_offset = new_offset, event_hash = new_event_hash, tick_hash = new_tick_hash
    WHERE last_offset = previous_offset;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the log does not end at offset %', previous_offset
            USING ERRCODE = 'SW002';
    END IF;

    INSERT INTO events (log_offset, kind, payload, hash)
    SELECT e.log_offset, e.kind, e.payload, e.hash FROM unnest(new_events) e;

    INSERT INTO ticks (log_offset, tick, payload, hash)
    SELECT t.log_offset, t.tick, t.payload, t.hash FROM unnest(new_ticks) t;

    INSERT INTO command_receipts
        (player_id, command_id, payload_hash, status, code, body, decided_at_us)
    SELECT r.player_id, r.command_id, r.payload_hash, r.status, r.code, r.body, r.decided_at_us
    FROM unnest(new_receipts) r;

    INSERT INTO players AS p
        (player_id, registered_at_us, turns, turns_as_of_us, trade_serial,
         realised_profit_credits)
    SELECT n.player_id, n.registered_at_us, n.turns, n.turns_as_of_us, n.trade_serial,
           n.realised_profit_credits
    FROM unnest(new_players) n
    ON CONFLICT (player_id) DO UPDATE
    SET turns = excluded.turns, turns_as_of_us = excluded.turns_as_of_us,
        trade_serial = excluded.trade_serial,
        realised_profit_credits = excluded.realised_profit_credits
    WHERE (p.turns, p.turns_as_of_us, p.trade_serial, p.realised_profit_credits)
        IS DISTINCT FROM (excluded.turns, excluded.turns_as_of_us, excluded.trade_serial,
                          excluded.realised_profit_credits);

    INSERT INTO ships AS s
        (ship_id, player_id, ship_class, sector_id, docked_port_id, journey_to_sector_id,
         journey_departed_at_us, journey_arrives_at_us)
    SELECT n.ship_id, n.player_id, n.ship_class, n.sector_id, n.docked_port_id,
           n.journey_to_sector_id, n.journey_departed_at_us, n.journey_arrives_at_us
    FROM unnest(new_players) n
    ON CONFLICT (ship_id) DO UPDATE
    SET ship_class = excluded.ship_class, sector_id = excluded.sector_id,
        docked_port_id = excluded.docked_port_id,
        journey_to_sector_id = excluded.journey_to_sector_id,
        journey_departed_at_us = excluded.journey_departed_at_us,
        journey_arrives_at_us = excluded.journey_arrives_at_us
    WHERE (s.ship_class, s.sector_id, s.docked_port_id, s.journey_to_sector_id,
           s.journey_departed_at_us, s.journey_arrives_at_us)
        IS DISTINCT FROM (excluded.ship_class, excluded.sector_id, excluded.docked_port_id,
                          excluded.journey_to_sector_id, excluded.journey_departed_at_us,
                          excluded.journey_arrives_at_us);

    DELETE FROM cargo c USING unnest(new_players) n
    WHERE c.player_id = n.player_id AND c.commodity <> ALL (n.commodities);

    INSERT INTO cargo AS c (player_id, commodity, units, lots)
    SELECT n.player_id, n.commodity, n.units, n.lots::jsonb FROM unnest(new_cargo) n
    ON CONFLICT (player_id, commodity) DO UPDATE
    SET units = excluded.units, lots = excluded.lots
    WHERE c.lots IS DISTINCT FROM excluded.lots;

    INSERT INTO ledger_accounts AS a (account, balance_credits)
    SELECT n.account, n.balance_credits FROM unnest(new_accounts) n
    ON CONFLICT (account) DO UPDATE SET balance_credits = excluded.balance_credits
    WHERE a.balance_credits <> excluded.balance_credits;

    -- The design document's volume_24h is an integer; the event holds the exact figure.
    INSERT INTO market_transactions
        (log_offset, trade_id, player_id, port_id, transaction_type, commodity, quantity,
         total_credits, fees_credits, profit_credits, real_time_price, volume_24h, stock_after,
         market_version, tick, executed_at)
    SELECT t.log_offset, t.trade_id, t.player_id, t.port_id, t.transaction_type, t.commodity,
           t.quantity, t.total_credits, t.fees_credits, t.profit_credits,
           round(t.total_credits::numeric / t.quantity, 2), least(t.volume_24h, 2147483647),
           t.stock_after, t.market_version, t.tick,
           timestamptz 'epoch' + t.executed_at_us * interval '1 microsecond'
    FROM unnest(new_trades) t;

    INSERT INTO tick_prices (tick, market, port_mids)
    SELECT p.tick, p.market, p.port_mids FROM unnest(new_prices) p;

    INSERT INTO index_candles (candle_interval, start_tick, payload)
    SELECT c.candle_interval, c.start_tick, c.payload FROM unnest(new_index_candles) c;

    INSERT INTO port_candles (port_index, start_tick, payload)
    SELECT c.port_index, c.start_tick, c.payload FROM unnest(new_port_candles) c;
END
$$;

-- Forget old ticks, their prices, and old receipts of rejections. Ticks up to `through_offset`
-- may go: a later checkpoint stands for them.
CREATE FUNCTION forget_old(
    through_offset bigint, before_tick bigint, rejected_before_us bigint
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    forgotten bigint;
    last_forgotten ticks;
BEGIN
    DELETE FROM command_receipts
    WHERE status = 'rejected' AND decided_at_us < rejected_before_us;

    DELETE FROM tick_prices WHERE tick < before_tick;

    SELECT * INTO last_forgotten FROM ticks
    WHERE tick < before_tick AND log_offset < through_offset ORDER BY tick DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    DELETE FROM ticks WHERE tick <= last_forgotten.tick;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    UPDATE log_head
    SET ticks_forgotten = ticks_forgotten + forgotten,
        forgotten_offset = last_forgotten.log_offset,
        forgotten_tick_hash = last_forgotten.hash;
END
$$;
