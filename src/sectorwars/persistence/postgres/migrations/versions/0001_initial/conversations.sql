-- What a player says and asks for is personal data: it hangs on his account and goes with it.

CREATE TABLE aria_conversations (
    conversation_id text PRIMARY KEY,
    player_id text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    title text NOT NULL,
    messages integer NOT NULL CHECK (messages >= 0),
    created_at_us bigint NOT NULL,
    updated_at_us bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX aria_conversations_player ON aria_conversations (player_id, updated_at_us);

CREATE TABLE aria_messages (
    conversation_id text NOT NULL REFERENCES aria_conversations ON DELETE CASCADE,
    position bigint GENERATED ALWAYS AS IDENTITY,
    message_id text NOT NULL UNIQUE,
    author text NOT NULL CHECK (author IN ('player', 'aria')),
    body text NOT NULL,
    at_us bigint NOT NULL,
    PRIMARY KEY (conversation_id, position)
);

CREATE TABLE aria_proposals (
    proposal_id text PRIMARY KEY,
    conversation_id text NOT NULL REFERENCES aria_conversations ON DELETE CASCADE,
    player_id text NOT NULL,
    port_id text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    commodity text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    price_bound bigint NOT NULL CHECK (price_bound > 0),
    created_at_us bigint NOT NULL,
    expires_at_us bigint NOT NULL CHECK (expires_at_us > created_at_us),
    status text NOT NULL CHECK (status IN ('open', 'executed', 'rejected', 'declined'))
);
CREATE INDEX aria_proposals_conversation ON aria_proposals (conversation_id);
