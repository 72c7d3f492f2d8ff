CREATE TABLE player_trading_profiles (
    player_id text PRIMARY KEY REFERENCES players,
    profile jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
