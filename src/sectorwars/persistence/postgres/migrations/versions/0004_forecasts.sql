-- No earlier release wrote forecasts, so the table is empty.
ALTER TABLE ai_market_predictions
    ADD COLUMN low_80 numeric(12,2) NOT NULL,
    ADD COLUMN high_80 numeric(12,2) NOT NULL,
    ADD COLUMN low_95 numeric(12,2) NOT NULL,
    ADD COLUMN high_95 numeric(12,2) NOT NULL,
    ADD COLUMN risk_level text NOT NULL CHECK (risk_level IN ('low', 'medium', 'high')),
    -- Whether better than chance may be expected of it.
    ADD COLUMN edge boolean NOT NULL,
    ADD COLUMN explanation text NOT NULL CHECK (length(explanation) <= 400),
    -- Directions of the baselines at the same moment: 1, -1, or 0 where one names none.
    ADD COLUMN persistence_direction smallint NOT NULL,
    ADD COLUMN drift_direction smallint NOT NULL,
    ADD COLUMN mean_reversion_direction smallint NOT NULL,
    ALTER COLUMN real_time_confidence SET NOT NULL,
    ADD CHECK (low_95 <= low_80 AND low_80 <= high_80 AND high_80 <= high_95),
    ADD CHECK (predicted_price <> reference_price);

CREATE UNIQUE INDEX ai_market_predictions_index_once
    ON ai_market_predictions (made_at_tick, horizon, commodity) WHERE port_id IS NULL;

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
