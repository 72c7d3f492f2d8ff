-- One batch of the writer, all or nothing, in one round trip. Its arguments are arrays of these
-- rows; the server cuts nothing out of the payloads, the writer has done so.

CREATE TYPE batch_event AS (log_offset bigint, kind text, payload text, hash bytea);
CREATE TYPE batch_tick AS (log_offset bigint, tick bigint, payload bytea, hash bytea);
CREATE TYPE batch_trade AS (
    log_offset bigint, crossing smallint, trade_id text, player_id text, port_id text,
    transaction_type text, commodity text, quantity bigint, total_credits bigint, fees_credits bigint,
    profit_credits bigint, volume_24h bigint, stock_after bigint, market_version bigint,
    tick bigint, executed_at_us bigint, rule_id text, order_id text, quote_id text
);
CREATE TYPE batch_receipt AS (
    player_id text, command_id text, payload_hash bytea, status text, code text, body bytea,
    decided_at_us bigint
);
CREATE TYPE batch_player AS (
    player_id text, registered_at_us bigint, turns integer, turns_as_of_us bigint,
    trade_serial bigint, order_serial bigint, realised_profit_credits bigint, commodities text[]
);
CREATE TYPE batch_ship AS (
    ship_id text, player_id text, ship_class text, sector_id text, docked_port_id text,
    journey_to_sector_id text, journey_departed_at_us bigint, journey_arrives_at_us bigint
);
CREATE TYPE batch_cargo AS (player_id text, commodity text, units bigint, lots text);
CREATE TYPE batch_account AS (account text, balance_credits bigint);
CREATE TYPE batch_prices AS (tick bigint, market bytea, port_mids bytea);
CREATE TYPE batch_index_candle AS (candle_interval text, start_tick bigint, payload bytea);
CREATE TYPE batch_port_candle AS (port_index integer, start_tick bigint, payload bytea);
CREATE TYPE batch_automation AS (
    player_id text, active boolean, pause_on_disconnect boolean, paused_at_us bigint,
    rule_serial bigint, rule_ids text[]
);
CREATE TYPE batch_rule AS (
    rule_id text, player_id text, name text, commodity text, port_id text, buy_conditions text,
    sell_conditions text, risk_level text, max_investment_credits bigint, created_at_us bigint,
    active boolean, buy_spent boolean, sell_spent boolean
);
CREATE TYPE batch_trace AS (rule_id text, verdict text, payload bytea);
CREATE TYPE batch_hauler AS (
    hauler_id text, port_id text, calls_at_tick bigint, commodity text, quantity bigint,
    cost_credits bigint
);
CREATE TYPE batch_hauler_deal AS (
    log_offset bigint, transaction_type text, port_id text, commodity text, quantity bigint,
    tick bigint
);
CREATE TYPE batch_order AS (
    order_id text, player_id text, command_id text, port_id text, side text, commodity text,
    quantity bigint, limit_credits bigint, placed_at_us bigint, expires_at_us bigint,
    cancel_on_disconnect boolean, sequence bigint
);
CREATE TYPE batch_order_progress AS (
    order_id text, filled bigint, filled_credits bigint, closed_at_us bigint, close_reason text
);
CREATE TYPE batch_quote_desk AS (
    player_id text, live text, serial bigint, missed bigint, allowed_at_us bigint
);

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
    new_ships batch_ship[],
    new_cargo batch_cargo[],
    new_accounts batch_account[],
    new_prices batch_prices[],
    new_index_candles batch_index_candle[],
    new_port_candles batch_port_candle[],
    new_automations batch_automation[],
    new_rules batch_rule[],
    new_traces batch_trace[],
    new_haulers batch_hauler[],
    new_hauler_deals batch_hauler_deal[],
    new_orders batch_order[],
    new_order_progress batch_order_progress[],
    new_quote_desks batch_quote_desk[],
    new_risk_gate text,
    traces_kept integer
) RETURNS void
LANGUAGE plpgsql
-- The plans are made once a connection, perhaps while the tables are empty; they must still be
-- right when the tables are big, so only look-ups by index come into question.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    known bigint;
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

    INSERT INTO command_receipts
        (player_id, command_id, payload_hash, status, code, body, decided_at_us)
    SELECT r.player_id, r.command_id, r.payload_hash, r.status, r.code, r.body, r.decided_at_us
    FROM unnest(new_receipts) r;

    UPDATE players p
    SET turns = n.turns, turns_as_of_us = n.turns_as_of_us, trade_serial = n.trade_serial,
        order_serial = n.order_serial, realised_profit_credits = n.realised_profit_credits
    FROM unnest(new_players) n WHERE p.player_id = n.player_id;
    GET DIAGNOSTICS known = ROW_COUNT;
    IF known < cardinality(new_players) THEN
        INSERT INTO players
            (player_id, registered_at_us, turns, turns_as_of_us, trade_serial, order_serial,
             realised_profit_credits)
        SELECT n.player_id, n.registered_at_us, n.turns, n.turns_as_of_us, n.trade_serial,
               n.order_serial, n.realised_profit_credits
        FROM unnest(new_players) n
        ON CONFLICT (player_id) DO NOTHING;
    END IF;

    IF cardinality(new_ships) > 0 THEN
        INSERT INTO ships AS s
            (ship_id, player_id, ship_class, sector_id, docked_port_id, journey_to_sector_id,
             journey_departed_at_us, journey_arrives_at_us)
        SELECT n.ship_id, n.player_id, n.ship_class, n.sector_id, n.docked_port_id,
               n.journey_to_sector_id, n.journey_departed_at_us, n.journey_arrives_at_us
        FROM unnest(new_ships) n
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
    END IF;

    DELETE FROM cargo c USING unnest(new_players) n
    WHERE c.player_id = n.player_id AND c.commodity <> ALL (n.commodities);

    UPDATE cargo c SET units = n.units, lots = n.lots::jsonb
    FROM unnest(new_cargo) n WHERE c.player_id = n.player_id AND c.commodity = n.commodity;
    GET DIAGNOSTICS known = ROW_COUNT;
    IF known < cardinality(new_cargo) THEN
        INSERT INTO cargo (player_id, commodity, units, lots)
        SELECT n.player_id, n.commodity, n.units, n.lots::jsonb FROM unnest(new_cargo) n
        ON CONFLICT (player_id, commodity) DO NOTHING;
    END IF;

    UPDATE ledger_accounts a SET balance_credits = n.balance_credits
    FROM unnest(new_accounts) n WHERE a.account = n.account;
    GET DIAGNOSTICS known = ROW_COUNT;
    IF known < cardinality(new_accounts) THEN
        INSERT INTO ledger_accounts (account, balance_credits)
        SELECT n.account, n.balance_credits FROM unnest(new_accounts) n
        ON CONFLICT (account) DO NOTHING;
    END IF;

    -- The design document's volume_24h is an integer; the event holds the exact figure.
    INSERT INTO market_transactions
        (log_offset, crossing, trade_id, player_id, port_id, transaction_type,
         commodity, quantity, total_credits, fees_credits, profit_credits, real_time_price,
         volume_24h, stock_after, market_version, tick, executed_at, rule_id, order_id, quote_id)
    SELECT t.log_offset, t.crossing, t.trade_id, t.player_id, t.port_id,
           t.transaction_type, t.commodity, t.quantity, t.total_credits, t.fees_credits,
           t.profit_credits,
           round(t.total_credits::numeric / t.quantity, 2), least(t.volume_24h, 2147483647),
           t.stock_after, t.market_version, t.tick,
           timestamptz 'epoch' + t.executed_at_us * interval '1 microsecond', t.rule_id,
           t.order_id, t.quote_id
    FROM unnest(new_trades) t;

    IF cardinality(new_ticks) > 0 THEN
        INSERT INTO ticks (log_offset, tick, payload, hash)
        SELECT t.log_offset, t.tick, t.payload, t.hash FROM unnest(new_ticks) t;
    END IF;

    IF cardinality(new_prices) > 0 OR cardinality(new_index_candles) > 0
        OR cardinality(new_port_candles) > 0
    THEN
        INSERT INTO tick_prices (tick, market, port_mids)
        SELECT p.tick, p.market, p.port_mids FROM unnest(new_prices) p;

        INSERT INTO index_candles (candle_interval, start_tick, payload)
        SELECT c.candle_interval, c.start_tick, c.payload FROM unnest(new_index_candles) c;

        INSERT INTO port_candles (port_index, start_tick, payload)
        SELECT c.port_index, c.start_tick, c.payload FROM unnest(new_port_candles) c;
    END IF;

    IF cardinality(new_haulers) > 0 OR cardinality(new_hauler_deals) > 0 THEN
        -- They were born with the universe.
        UPDATE haulers h
        SET port_id = n.port_id, calls_at_tick = n.calls_at_tick, commodity = n.commodity,
            quantity = n.quantity, cost_credits = n.cost_credits
        FROM unnest(new_haulers) n WHERE h.hauler_id = n.hauler_id;

        INSERT INTO hauler_deals
            (log_offset, transaction_type, port_id, commodity, quantity, tick)
        SELECT d.log_offset, d.transaction_type, d.port_id, d.commodity, d.quantity, d.tick
        FROM unnest(new_hauler_deals) d;
    END IF;

    IF cardinality(new_orders) > 0 THEN
        INSERT INTO player_orders
            (order_id, player_id, command_id, port_id, side, commodity, quantity, limit_credits,
             placed_at_us, expires_at_us, cancel_on_disconnect, sequence)
        SELECT n.order_id, n.player_id, n.command_id, n.port_id, n.side, n.commodity, n.quantity,
               n.limit_credits, n.placed_at_us, n.expires_at_us, n.cancel_on_disconnect,
               n.sequence
        FROM unnest(new_orders) n;
    END IF;

    IF cardinality(new_order_progress) > 0 THEN
        UPDATE player_orders o
        SET filled = n.filled, filled_credits = n.filled_credits, closed_at_us = n.closed_at_us,
            close_reason = n.close_reason
        FROM unnest(new_order_progress) n WHERE o.order_id = n.order_id;
    END IF;

    IF cardinality(new_quote_desks) > 0 THEN
        INSERT INTO quote_desks AS q (player_id, live, serial, missed, allowed_at_us)
        SELECT n.player_id, n.live::jsonb, n.serial, n.missed, n.allowed_at_us
        FROM unnest(new_quote_desks) n
        ON CONFLICT (player_id) DO UPDATE
        SET live = excluded.live, serial = excluded.serial, missed = excluded.missed,
            allowed_at_us = excluded.allowed_at_us;
    END IF;

    IF new_risk_gate IS NOT NULL THEN
        UPDATE risk_gate SET gate = new_risk_gate::jsonb;
    END IF;

    IF cardinality(new_automations) = 0 AND cardinality(new_traces) = 0 THEN
        RETURN;
    END IF;

    INSERT INTO player_automation AS a
        (player_id, active, pause_on_disconnect, paused_at_us, rule_serial)
    SELECT n.player_id, n.active, n.pause_on_disconnect, n.paused_at_us, n.rule_serial
    FROM unnest(new_automations) n
    ON CONFLICT (player_id) DO UPDATE
    SET active = excluded.active, pause_on_disconnect = excluded.pause_on_disconnect,
        paused_at_us = excluded.paused_at_us, rule_serial = excluded.rule_serial
    WHERE (a.active, a.pause_on_disconnect, a.paused_at_us, a.rule_serial)
        IS DISTINCT FROM (excluded.active, excluded.pause_on_disconnect, excluded.paused_at_us,
                          excluded.rule_serial);

    DELETE FROM automation_rules r USING unnest(new_automations) n
    WHERE r.player_id = n.player_id AND r.rule_id <> ALL (n.rule_ids);

    INSERT INTO automation_rules AS r
        (rule_id, player_id, name, commodity, port_id, buy_conditions, sell_conditions,
         risk_level, max_investment_credits, created_at_us, active, buy_spent, sell_spent)
    SELECT n.rule_id, n.player_id, n.name, n.commodity, n.port_id, n.buy_conditions::jsonb,
           n.sell_conditions::jsonb, n.risk_level, n.max_investment_credits, n.created_at_us,
           n.active, n.buy_spent, n.sell_spent
    FROM unnest(new_rules) n
    ON CONFLICT (rule_id) DO UPDATE
    SET active = excluded.active, buy_spent = excluded.buy_spent,
        sell_spent = excluded.sell_spent
    WHERE (r.active, r.buy_spent, r.sell_spent)
        IS DISTINCT FROM (excluded.active, excluded.buy_spent, excluded.sell_spent);

    -- A rule may have been deleted in the batch that judged it.
    INSERT INTO rule_traces (rule_id, verdict, payload)
    SELECT n.rule_id, n.verdict, n.payload FROM unnest(new_traces) WITH ORDINALITY n
    WHERE EXISTS (SELECT FROM automation_rules r WHERE r.rule_id = n.rule_id)
    ORDER BY n.ordinality;

    DELETE FROM rule_traces t
    USING (SELECT DISTINCT n.rule_id, n.verdict FROM unnest(new_traces) n) AS grown
    CROSS JOIN LATERAL (
        SELECT k.trace_number FROM rule_traces k
        WHERE k.rule_id = grown.rule_id AND k.verdict = grown.verdict
        ORDER BY k.trace_number DESC OFFSET traces_kept LIMIT 1
    ) AS surplus
    WHERE t.rule_id = grown.rule_id AND t.verdict = grown.verdict
      AND t.trace_number <= surplus.trace_number;
END
$$;
