CREATE TABLE players (
    player_id text PRIMARY KEY,
    registered_at_us bigint NOT NULL,
    turns integer NOT NULL CHECK (turns >= 0),
    turns_as_of_us bigint NOT NULL,
    trade_serial bigint NOT NULL CHECK (trade_serial >= 0),
    order_serial bigint NOT NULL CHECK (order_serial >= 0),
    realised_profit_credits bigint NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE ships (
    ship_id text PRIMARY KEY,
    player_id text NOT NULL UNIQUE REFERENCES players,
    ship_class text NOT NULL,
    sector_id text NOT NULL REFERENCES sectors,
    docked_port_id text REFERENCES ports,
    journey_to_sector_id text REFERENCES sectors,
    journey_departed_at_us bigint,
    journey_arrives_at_us bigint,
    CHECK (num_nulls(journey_to_sector_id, journey_departed_at_us, journey_arrives_at_us) IN (0, 3)),
    CHECK (docked_port_id IS NULL OR journey_to_sector_id IS NULL)
) WITH (fillfactor = 70);

CREATE TABLE cargo (
    player_id text NOT NULL,
    commodity text NOT NULL,
    units bigint NOT NULL CHECK (units > 0),
    -- [[units, cost in credits], …], oldest first
    lots jsonb NOT NULL,
    PRIMARY KEY (player_id, commodity)
) WITH (fillfactor = 70);

CREATE TABLE ledger_accounts (
    account text PRIMARY KEY,
    balance_credits bigint NOT NULL,
    -- Only faucets, sinks and the treasury may owe.
    CHECK (balance_credits >= 0 OR split_part(account, ':', 1) IN ('faucet', 'sink', 'treasury'))
) WITH (fillfactor = 70);
