CREATE TABLE haulers (
    hauler_id text PRIMARY KEY,
    home_port_id text NOT NULL REFERENCES ports,
    hold integer NOT NULL CHECK (hold > 0),
    -- It calls at this port with this tick.
    port_id text NOT NULL REFERENCES ports,
    calls_at_tick bigint NOT NULL,
    commodity text,
    quantity bigint CHECK (quantity > 0),
    cost_credits bigint,
    CHECK (num_nulls(commodity, quantity, cost_credits) IN (0, 3))
) WITH (fillfactor = 50);

-- Haulers' deals are kept for ever in the event log; here for a month of game time, for volumes and
-- for the stock since a checkpoint. Without players there are a hundred thousand a real day.
CREATE TABLE hauler_deals (
    log_offset bigint NOT NULL,
    transaction_type text NOT NULL CHECK (transaction_type IN ('buy', 'sell')),
    port_id text NOT NULL,
    commodity text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    tick bigint NOT NULL,
    PRIMARY KEY (log_offset, transaction_type)
);
CREATE INDEX hauler_deals_volume ON hauler_deals (commodity, tick) INCLUDE (port_id, quantity);
CREATE INDEX hauler_deals_tick ON hauler_deals (tick);
