CREATE TABLE price_alerts (
    alert_id text PRIMARY KEY,
    player_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    commodity text NOT NULL,
    port_id text REFERENCES ports,
    condition text NOT NULL CHECK (condition IN ('price_below', 'price_above')),
    value_credits bigint NOT NULL,
    armed boolean NOT NULL,
    created_at_us bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX price_alerts_player ON price_alerts (player_id);

CREATE TABLE received_alerts (
    player_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    position bigint GENERATED ALWAYS AS IDENTITY,
    alert jsonb NOT NULL,
    at_us bigint NOT NULL,
    PRIMARY KEY (player_id, position)
);
