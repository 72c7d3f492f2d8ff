-- Players' automation rules and why they did or did not trade.

CREATE TABLE player_automation (
    player_id text PRIMARY KEY REFERENCES players,
    -- The master switch.
    active boolean NOT NULL,
    -- Whether the loss of the last connection turns it off, and when it did if that is why it is.
    pause_on_disconnect boolean NOT NULL,
    paused_at_us bigint CHECK (paused_at_us IS NULL OR NOT active),
    rule_serial bigint NOT NULL CHECK (rule_serial >= 0)
) WITH (fillfactor = 70);

CREATE TABLE automation_rules (
    rule_id text PRIMARY KEY,
    player_id text NOT NULL REFERENCES player_automation,
    name text NOT NULL,
    commodity text NOT NULL,
    -- NULL: wherever the ship is docked
    port_id text REFERENCES ports,
    -- [{"type", "comparison", "value_milli"}, …]
    buy_conditions jsonb NOT NULL,
    sell_conditions jsonb NOT NULL,
    risk_level text NOT NULL,
    max_investment_credits bigint NOT NULL CHECK (max_investment_credits > 0),
    created_at_us bigint NOT NULL,
    active boolean NOT NULL,
    -- A side that has traded waits until its conditions were seen not to hold.
    buy_spent boolean NOT NULL,
    sell_spent boolean NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX automation_rules_player ON automation_rules (player_id);

-- Why rules traded or did not: the latest of each verdict. They are no part of the log, which
-- holds the trades themselves for ever.
CREATE TABLE rule_traces (
    rule_id text NOT NULL REFERENCES automation_rules ON DELETE CASCADE,
    verdict text NOT NULL CHECK (verdict IN ('fired', 'blocked')),
    trace_number bigint GENERATED ALWAYS AS IDENTITY,
    payload bytea NOT NULL,
    PRIMARY KEY (rule_id, verdict, trace_number)
);
