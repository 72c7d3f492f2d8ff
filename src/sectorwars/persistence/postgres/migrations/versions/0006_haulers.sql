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

DROP FUNCTION forget_old;
CREATE FUNCTION forget_old(
    through_offset bigint,
    before_tick bigint,
    deals_before_tick bigint,
    rejected_before_us bigint
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    forgotten bigint;
    last_forgotten ticks;
BEGIN
    DELETE FROM command_receipts
    WHERE status = 'rejected' AND decided_at_us < rejected_before_us;

    DELETE FROM tick_prices WHERE tick < before_tick;

    DELETE FROM hauler_deals WHERE tick < deals_before_tick AND log_offset < through_offset;

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
