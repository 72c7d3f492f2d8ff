"""From committed events to what is published."""
