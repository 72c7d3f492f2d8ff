-- What became of each command, in the bytes that its sender was told.
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

-- The writer asks for each command's receipt before it decides; to plan the question each time would
-- take as long as to answer it. The plan must still be right when the table is big.
CREATE FUNCTION find_receipts(player_ids text[], command_ids text[])
RETURNS SETOF command_receipts
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
BEGIN
    RETURN QUERY
    SELECT r.* FROM unnest(player_ids, command_ids) AS k (player_id, command_id)
    JOIN command_receipts r USING (player_id, command_id);
END
$$;
