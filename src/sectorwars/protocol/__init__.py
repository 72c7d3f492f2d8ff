"""What goes over the wire. Sans-I/O: bytes and times in, bytes and decisions out."""
