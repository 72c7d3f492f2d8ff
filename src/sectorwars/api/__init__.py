"""HTTP: the REST interface and the web client, over FastAPI."""
