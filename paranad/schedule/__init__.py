"""The schedule: which entries are due, and what became of each occurrence."""
