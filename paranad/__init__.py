"""paranad: one daemon for a shop's background work."""
