"""The conversation with ARIA: messages in, grounded answers out, orders only by confirmation."""
