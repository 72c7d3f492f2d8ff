"""Sectorwars 2102: a real-time space-trading platform."""
