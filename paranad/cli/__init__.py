"""paranadctl, the operator's tool: it talks to the daemon over its socket and imports nothing of it."""
