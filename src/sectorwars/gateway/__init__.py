"""The real-time door: sockets around `protocol.session`, and the channels behind it."""
