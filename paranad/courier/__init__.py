"""AlWaseet over HTTPS: one client, one login, one limiter, and a strict stand-in for demo and tests."""
