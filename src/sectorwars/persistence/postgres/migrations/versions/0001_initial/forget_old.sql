-- In the transaction of a checkpoint of the stock, forget what is not kept for ever.

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
