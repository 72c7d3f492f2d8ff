-- One row, whose version fences a writer that has been replaced.
CREATE TABLE writer_lease (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    holder text,
    version bigint NOT NULL,
    backend_pid integer,
    heartbeat_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
INSERT INTO writer_lease VALUES (true, NULL, 0, NULL, now());
