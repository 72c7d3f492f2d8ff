CREATE TABLE universe (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    seed bigint NOT NULL,
    born_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sectors (
    sector_id text PRIMARY KEY,
    sector_index integer NOT NULL UNIQUE,
    name text NOT NULL,
    x integer NOT NULL,
    y integer NOT NULL,
    warps text[] NOT NULL,
    port_ids text[] NOT NULL
);

CREATE TABLE ports (
    port_id text PRIMARY KEY,
    port_index integer NOT NULL UNIQUE,
    sector_id text NOT NULL REFERENCES sectors,
    name text NOT NULL,
    port_class text NOT NULL,
    -- [{"commodity", "role", "target", "production_per_day", "consumption_per_day"}, …]
    goods jsonb NOT NULL
);
