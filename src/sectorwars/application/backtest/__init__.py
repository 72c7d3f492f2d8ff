"""Backtests: rules, run by the live code over the recorded past (ADR 0012)."""
