-- What players' rules would have done; the latest of each player are kept.
CREATE TABLE backtests (
    backtest_id text PRIMARY KEY,
    player_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    position bigint GENERATED ALWAYS AS IDENTITY,
    created_at_us bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed')),
    progress_percent integer NOT NULL CHECK (progress_percent BETWEEN 0 AND 100),
    -- When the process that has it in hand last said so.
    touched_at_us bigint NOT NULL,
    -- What is tested: port, rules, credits and hold.
    subject jsonb NOT NULL,
    headline jsonb,
    result jsonb,
    failure jsonb,
    CHECK (status <> 'done' OR (headline IS NOT NULL AND result IS NOT NULL)),
    CHECK (status <> 'failed' OR failure IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX backtests_player ON backtests (player_id, position);
CREATE UNIQUE INDEX backtests_one_in_hand ON backtests (player_id)
    WHERE status IN ('queued', 'running');
