"""Nouns and rules of the galaxy. Pure: standard library only, no clock, no I/O, no randomness."""
