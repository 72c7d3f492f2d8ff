"""A galaxy from its birth on: brought to life, kept alive, caught up with."""
