"""What the shop needs done: one small module per subject."""
