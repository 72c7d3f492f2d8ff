"""What pays: pure functions over a committed world, priced as the core would price it."""
