CREATE TABLE ai_market_predictions (
    prediction_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    commodity text NOT NULL,
    -- NULL: the index of all ports
    port_id text REFERENCES ports,
    horizon text NOT NULL,
    made_at_tick bigint NOT NULL,
    due_at_tick bigint NOT NULL CHECK (due_at_tick > made_at_tick),
    reference_price numeric(12,2) NOT NULL CHECK (reference_price > 0),
    predicted_price numeric(12,2) NOT NULL CHECK (predicted_price > 0),
    low_80 numeric(12,2) NOT NULL,
    high_80 numeric(12,2) NOT NULL,
    low_95 numeric(12,2) NOT NULL,
    high_95 numeric(12,2) NOT NULL,
    actual_price numeric(12,2),
    real_time_confidence numeric(3,2) NOT NULL CHECK (real_time_confidence BETWEEN 0 AND 1),
    risk_level text NOT NULL CHECK (risk_level IN ('low', 'medium', 'high')),
    -- Whether better than chance may be expected of it.
    edge boolean NOT NULL,
    explanation text NOT NULL CHECK (length(explanation) <= 400),
    -- Directions of the baselines at the same moment: 1, -1, or 0 where one names none.
    persistence_direction smallint NOT NULL,
    drift_direction smallint NOT NULL,
    mean_reversion_direction smallint NOT NULL,
    websocket_broadcast boolean DEFAULT true,
    model_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (low_95 <= low_80 AND low_80 <= high_80 AND high_80 <= high_95),
    CHECK (predicted_price <> reference_price)
);
CREATE INDEX ai_market_predictions_due ON ai_market_predictions (due_at_tick)
    WHERE actual_price IS NULL;
CREATE UNIQUE INDEX ai_market_predictions_index_once
    ON ai_market_predictions (made_at_tick, horizon, commodity) WHERE port_id IS NULL;

-- A published forecast cannot be changed, only scored once.
CREATE FUNCTION keep_prediction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    scored ai_market_predictions := OLD;
BEGIN
    IF OLD.actual_price IS NULL THEN
        scored.actual_price := NEW.actual_price;
    END IF;
    IF NEW IS DISTINCT FROM scored THEN
        RAISE EXCEPTION 'a published forecast cannot be changed, only scored once';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER ai_market_predictions_are_kept BEFORE UPDATE ON ai_market_predictions
    FOR EACH ROW EXECUTE FUNCTION keep_prediction();
