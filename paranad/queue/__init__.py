"""Jobs: stored, claimed, run, finished; every transition one committed transaction."""
