"""From worlds to rows and back, and what both must agree on."""
