"""The log: one line for each event, without secrets, written to a stream or to systemd's journal."""
