-- Personal data and sessions, apart from the core, so that they can be erased without touching
-- the log of events, which knows players by their ids only.

CREATE TABLE accounts (
    player_id text PRIMARY KEY,
    username text NOT NULL,
    -- The name in the form in which names are compared.
    username_key text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    email text,
    role text NOT NULL CHECK (role IN ('player', 'moderator', 'admin', 'service')),
    created_at_us bigint NOT NULL
);
CREATE INDEX accounts_role ON accounts (role) WHERE role <> 'player';

CREATE TABLE sessions (
    sid text PRIMARY KEY,
    player_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at_us bigint NOT NULL,
    expires_at_us bigint NOT NULL CHECK (expires_at_us > created_at_us),
    revoked_at_us bigint
);
CREATE INDEX sessions_player ON sessions (player_id);
CREATE INDEX sessions_expiry ON sessions (expires_at_us);

-- Digests of all refresh tokens of live sessions; the spent ones too, so that a stolen token
-- betrays itself when its second holder uses it.
CREATE TABLE refresh_tokens (
    refresh_digest bytea PRIMARY KEY,
    sid text NOT NULL REFERENCES sessions ON DELETE CASCADE,
    spent_at_us bigint
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (sid);
