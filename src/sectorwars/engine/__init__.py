"""The deterministic core: execute decides, apply changes. Pure: no I/O, no clock, no randomness."""
