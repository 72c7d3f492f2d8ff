-- Players' automation rules and why they did or did not trade.

CREATE TABLE player_automation (
    player_id text PRIMARY KEY REFERENCES players,
    -- The master switch.
    active boolean NOT NULL,
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
    buy_verdict text NOT NULL CHECK (buy_verdict IN ('idle', 'fired', 'blocked')),
    buy_code text,
    buy_armed boolean NOT NULL,
    sell_verdict text NOT NULL CHECK (sell_verdict IN ('idle', 'fired', 'blocked')),
    sell_code text,
    sell_armed boolean NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX automation_rules_player ON automation_rules (player_id);

-- Which events of the log are a rule's verdicts; the traces are their payloads.
CREATE TABLE rule_traces (
    rule_id text NOT NULL REFERENCES automation_rules ON DELETE CASCADE,
    log_offset bigint NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('fired', 'blocked')),
    PRIMARY KEY (rule_id, log_offset)
);
