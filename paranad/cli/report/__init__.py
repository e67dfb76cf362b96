"""`paranadctl report`: what it gathers, what of it may be shown, and the archive."""
