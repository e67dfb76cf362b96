"""What happened, as values. Each room tells its own; the log, the event stream, alerts and systemd only listen."""
