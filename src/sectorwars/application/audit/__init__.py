"""What is held against whom, and the proofs that nothing of it was changed."""
