-- Columns that the server reads back as times are whole microseconds since 1970 (…_us);
-- timestamptz columns are for people and their queries. Money is whole credits.

CREATE TABLE universe (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    seed bigint NOT NULL,
    born_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sectors (
    sector_id text PRIMARY KEY,
    sector_index integer NOT NULL UNIQUE,
    name text NOT NULL,
    x integer NOT NULL,
    y integer NOT NULL,
    warps text[] NOT NULL,
    port_ids text[] NOT NULL
);

CREATE TABLE ports (
    port_id text PRIMARY KEY,
    port_index integer NOT NULL UNIQUE,
    sector_id text NOT NULL REFERENCES sectors,
    name text NOT NULL,
    port_class text NOT NULL,
    -- [{"commodity", "role", "target", "production_per_day", "consumption_per_day"}, …]
    goods jsonb NOT NULL
);

CREATE TABLE players (
    player_id text PRIMARY KEY,
    registered_at_us bigint NOT NULL,
    turns integer NOT NULL CHECK (turns >= 0),
    turns_as_of_us bigint NOT NULL,
    trade_serial bigint NOT NULL CHECK (trade_serial >= 0),
    realised_profit_credits bigint NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE ships (
    ship_id text PRIMARY KEY,
    player_id text NOT NULL UNIQUE REFERENCES players,
    ship_class text NOT NULL,
    sector_id text NOT NULL REFERENCES sectors,
    docked_port_id text REFERENCES ports,
    journey_to_sector_id text REFERENCES sectors,
    journey_departed_at_us bigint,
    journey_arrives_at_us bigint,
    CHECK (num_nulls(journey_to_sector_id, journey_departed_at_us, journey_arrives_at_us) IN (0, 3)),
    CHECK (docked_port_id IS NULL OR journey_to_sector_id IS NULL)
) WITH (fillfactor = 70);

CREATE TABLE cargo (
    player_id text NOT NULL,
    commodity text NOT NULL,
    units bigint NOT NULL CHECK (units > 0),
    -- [[units, cost in credits], …], oldest first
    lots jsonb NOT NULL,
    PRIMARY KEY (player_id, commodity)
) WITH (fillfactor = 70);

CREATE TABLE ledger_accounts (
    account text PRIMARY KEY,
    balance_credits bigint NOT NULL,
    -- Only faucets, sinks and the treasury may owe.
    CHECK (balance_credits >= 0 OR split_part(account, ':', 1) IN ('faucet', 'sink', 'treasury'))
) WITH (fillfactor = 70);

CREATE TABLE command_receipts (
    player_id text NOT NULL,
    command_id text NOT NULL,
    payload_hash bytea NOT NULL,
    status text NOT NULL CHECK (status IN ('executed', 'rejected')),
    code text CHECK ((code IS NULL) = (status = 'executed')),
    body bytea NOT NULL,
    decided_at_us bigint NOT NULL,
    PRIMARY KEY (player_id, command_id)
);
CREATE INDEX command_receipts_rejected ON command_receipts (decided_at_us)
    WHERE status = 'rejected';

CREATE TABLE events (
    log_offset bigint PRIMARY KEY,
    kind text NOT NULL,
    payload text NOT NULL,
    hash bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_checkpoints ON events (log_offset)
    WHERE kind IN ('universe_created', 'stock_checkpointed');

CREATE TABLE ticks (
    log_offset bigint PRIMARY KEY,
    tick bigint NOT NULL UNIQUE,
    payload bytea NOT NULL,
    hash bytea NOT NULL
);

-- One row: where the log ends, and where its chains stand.
CREATE TABLE log_head (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    last_offset bigint NOT NULL,
    event_hash bytea NOT NULL,
    tick_hash bytea NOT NULL,
    -- The last tick that was forgotten: the hash that the first kept one follows.
    ticks_forgotten bigint NOT NULL,
    forgotten_offset bigint NOT NULL,
    forgotten_tick_hash bytea NOT NULL
) WITH (fillfactor = 50);
INSERT INTO log_head VALUES
    (true, 0, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'),
     0, 0, decode(repeat('00', 32), 'hex'));

CREATE TABLE writer_lease (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    holder text,
    version bigint NOT NULL,
    backend_pid integer,
    heartbeat_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
INSERT INTO writer_lease VALUES (true, NULL, 0, NULL, now());

CREATE TABLE market_transactions (
    log_offset bigint PRIMARY KEY,
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
    executed_at timestamptz NOT NULL
);
CREATE INDEX market_transactions_player ON market_transactions (player_id, log_offset);
CREATE INDEX market_transactions_volume ON market_transactions (commodity, tick)
    INCLUDE (port_id, quantity);

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

CREATE TABLE ai_market_predictions (
    prediction_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    commodity text NOT NULL,
    port_id text REFERENCES ports,
    horizon text NOT NULL,
    made_at_tick bigint NOT NULL,
    due_at_tick bigint NOT NULL CHECK (due_at_tick > made_at_tick),
    reference_price numeric(12,2) NOT NULL CHECK (reference_price > 0),
    predicted_price numeric(12,2) NOT NULL CHECK (predicted_price > 0),
    actual_price numeric(12,2),
    real_time_confidence numeric(3,2) CHECK (real_time_confidence BETWEEN 0 AND 1),
    websocket_broadcast boolean DEFAULT true,
    model_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ai_market_predictions_due ON ai_market_predictions (due_at_tick)
    WHERE actual_price IS NULL;

CREATE TABLE player_trading_profiles (
    player_id text PRIMARY KEY REFERENCES players,
    profile jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE audit_log (
    entry bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    actor text,
    payload jsonb NOT NULL,
    hash bytea NOT NULL
);
