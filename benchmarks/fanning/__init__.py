"""Fan-out to many WebSockets: servers to compare, their load, and how both are held."""
