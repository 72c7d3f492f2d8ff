CREATE TABLE audit_log (
    entry bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    actor text,
    payload jsonb NOT NULL,
    hash bytea NOT NULL
);

-- Where the audit trail ends, so that entries cut off its end are missed too.
CREATE TABLE audit_head (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    last_entry bigint NOT NULL,
    hash bytea NOT NULL
) WITH (fillfactor = 50);
INSERT INTO audit_head VALUES (true, 0, decode(repeat('00', 32), 'hex'));
