CREATE TABLE market_transactions (
    log_offset bigint NOT NULL,
    -- 0: the trade of the one who acted, which counts all units; 1, 2, …: what the owners of the
    -- open orders that it met traded by it.
    crossing smallint NOT NULL CHECK (crossing >= 0),
    trade_id text NOT NULL,
    player_id text NOT NULL,
    port_id text NOT NULL,
    transaction_type text NOT NULL CHECK (transaction_type IN ('buy', 'sell')),
    commodity text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    total_credits bigint NOT NULL CHECK (total_credits >= 0),
    fees_credits bigint NOT NULL CHECK (fees_credits >= 0),
    profit_credits bigint,
    -- What a unit cost on the average of the trade, and the good's galaxy-wide volume with it.
    real_time_price numeric(10,2) NOT NULL,
    volume_24h integer NOT NULL DEFAULT 0,
    stock_after bigint NOT NULL CHECK (stock_after >= 0),
    market_version bigint NOT NULL,
    tick bigint NOT NULL,
    executed_at timestamptz NOT NULL,
    -- NULL: the player's own command
    rule_id text,
    -- The player's own open order that was filled, and the quote that was used.
    order_id text,
    quote_id text,
    PRIMARY KEY (log_offset, crossing)
);
-- Profit and loss is summed without the rows themselves.
CREATE INDEX market_transactions_player ON market_transactions (player_id, log_offset)
    INCLUDE (transaction_type, commodity, quantity, profit_credits, fees_credits);
CREATE INDEX market_transactions_volume ON market_transactions (port_id, commodity, tick)
    INCLUDE (quantity) WHERE crossing = 0;
-- Trades come in the order of time, so a word per range of pages finds those of the last day.
CREATE INDEX market_transactions_executed ON market_transactions USING brin (executed_at)
    WITH (autosummarize = on);
CREATE INDEX market_transactions_tick ON market_transactions USING brin (tick)
    WITH (autosummarize = on);
CREATE INDEX market_transactions_automated ON market_transactions (player_id, executed_at)
    WHERE rule_id IS NOT NULL;

-- The offset from which on all trades are later than so many microseconds; NULL where there are no
-- trades at all. Time in the log does not go back, so the offset is found by halving.
CREATE FUNCTION first_trade_after(since_us bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    since timestamptz := timestamptz 'epoch' + since_us * interval '1 microsecond';
    low bigint;
    high bigint;
    trade record;
BEGIN
    SELECT min(log_offset), max(log_offset) + 1 INTO low, high FROM market_transactions;
    WHILE low < high LOOP
        SELECT log_offset, executed_at INTO trade FROM market_transactions
        WHERE log_offset >= (low + high) / 2 ORDER BY log_offset LIMIT 1;
        IF trade.executed_at > since THEN
            high := (low + high) / 2;
        ELSE
            low := trade.log_offset + 1;
        END IF;
    END LOOP;
    RETURN low;
END
$$;

CREATE TABLE tick_prices (
    tick bigint PRIMARY KEY,
    -- index, bid, ask and volume of all goods; then the mids of all ports; four bytes each
    market bytea NOT NULL,
    port_mids bytea NOT NULL
);
-- Uncompressed, so that one port's price is cut out without reading the rest.
ALTER TABLE tick_prices ALTER COLUMN port_mids SET STORAGE EXTERNAL;

CREATE TABLE index_candles (
    candle_interval text NOT NULL CHECK (candle_interval IN ('1m', '5m', '1h', '1d')),
    start_tick bigint NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (candle_interval, start_tick)
);

CREATE TABLE port_candles (
    port_index integer NOT NULL,
    start_tick bigint NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (port_index, start_tick)
);
