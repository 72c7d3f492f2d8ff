"""The ways of making a trade durable that `trade_path` compares, and how each is timed."""
