"""The doctor: every check that needs the daemon's eyes, each beside the words of what it can find."""
