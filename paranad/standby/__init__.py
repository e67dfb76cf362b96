"""Of several daemons for one shop, one works: who holds the lease, for how long, and what was sent in whose term."""
