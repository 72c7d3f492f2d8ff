"""What the processes of one galaxy tell each other."""
