"""The whole core on virtual time: seeded players and faults in, a verdict out."""
