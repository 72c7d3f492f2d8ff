CREATE TABLE audit_log (
    entry bigint PRIMARY KEY,
    at timestamptz NOT NULL CHECK (isfinite(at)),
    kind text NOT NULL,
    -- A player's id, the pseudonym of an address, or a word; never a name or an address.
    actor text,
    session_id text,
    address text,
    -- Whom or what it was done to, and what that changed.
    subject text,
    payload jsonb NOT NULL,
    before jsonb,
    after jsonb,
    hash bytea NOT NULL
);
CREATE INDEX audit_log_actor ON audit_log (actor, entry);
CREATE INDEX audit_log_subject ON audit_log (subject, entry) WHERE subject IS NOT NULL;
CREATE INDEX audit_log_at ON audit_log (at);

-- Where the audit trail ends, so that entries cut off its end are missed too.
CREATE TABLE audit_head (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    last_entry bigint NOT NULL,
    hash bytea NOT NULL
) WITH (fillfactor = 50);
INSERT INTO audit_head VALUES (true, 0, decode(repeat('00', 32), 'hex'));
