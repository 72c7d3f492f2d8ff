-- A row lives about a minute longer than its client's last connection.

CREATE TABLE foundation_sessions (
    player_id text NOT NULL,
    session_id text NOT NULL,
    sid text NOT NULL,
    goods text[] NOT NULL,
    pulse boolean NOT NULL,
    signals boolean NOT NULL,
    seen_at_us bigint NOT NULL,
    PRIMARY KEY (player_id, session_id)
) WITH (fillfactor = 70);
