"""queue.db: one file, its one writer and its readers."""
