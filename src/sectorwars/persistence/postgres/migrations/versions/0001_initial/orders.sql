-- Every order for ever; while it is open, close_reason is NULL.
CREATE TABLE player_orders (
    order_id text PRIMARY KEY,
    player_id text NOT NULL,
    command_id text NOT NULL,
    port_id text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    commodity text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    limit_credits bigint NOT NULL CHECK (limit_credits > 0),
    placed_at_us bigint NOT NULL,
    expires_at_us bigint NOT NULL,
    cancel_on_disconnect boolean NOT NULL,
    -- Its place among all orders of the galaxy.
    sequence bigint NOT NULL UNIQUE,
    filled bigint NOT NULL DEFAULT 0,
    filled_credits bigint NOT NULL DEFAULT 0 CHECK (filled_credits >= 0),
    closed_at_us bigint,
    close_reason text CHECK (close_reason IN ('filled', 'cancelled', 'disconnected', 'expired')),
    CHECK (filled BETWEEN 0 AND quantity),
    CHECK ((close_reason IS NULL) = (closed_at_us IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX player_orders_history ON player_orders (player_id, sequence);
CREATE INDEX player_orders_open ON player_orders (player_id, sequence)
    WHERE close_reason IS NULL;

-- A player's live quotes, as the event log writes them, and how he has kept to earlier ones.
CREATE TABLE quote_desks (
    player_id text PRIMARY KEY,
    live jsonb NOT NULL,
    serial bigint NOT NULL CHECK (serial >= 0),
    missed bigint NOT NULL CHECK (missed >= 0),
    allowed_at_us bigint NOT NULL
) WITH (fillfactor = 50);

-- One row: the trading states and caps that operators have set; NULL before the first.
CREATE TABLE risk_gate (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    gate jsonb
);
INSERT INTO risk_gate VALUES (true, NULL);
