"""Forecasts of the running galaxy: made, published, scored."""
