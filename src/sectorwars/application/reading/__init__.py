"""The committed world, and the shapes in which it is shown."""
