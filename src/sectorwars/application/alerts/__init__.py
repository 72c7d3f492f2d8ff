"""Alerts: what players ask to be told of, and what is told them of itself."""
