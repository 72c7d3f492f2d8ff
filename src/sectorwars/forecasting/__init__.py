"""Forecasts of index prices: numbers only; no clock, no I/O beyond the packaged model."""
