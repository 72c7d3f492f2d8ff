CREATE TABLE events (
    log_offset bigint PRIMARY KEY,
    kind text NOT NULL,
    payload text NOT NULL,
    hash bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_checkpoints ON events (log_offset)
    WHERE kind IN ('universe_created', 'stock_checkpointed');
-- The last order or quote at a port says its version, as a trade's row does.
CREATE INDEX events_order_flow ON events
    ((coalesce(payload::jsonb ->> 'port_id', payload::jsonb #>> '{quote,port_id}')), log_offset)
    WHERE kind IN ('order_placed', 'order_closed', 'quote_issued', 'quote_closed');

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
