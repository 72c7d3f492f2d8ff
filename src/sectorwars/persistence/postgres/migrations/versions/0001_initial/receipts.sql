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
