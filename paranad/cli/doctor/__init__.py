"""`paranadctl doctor`: its screen, and the checks that need no daemon."""
