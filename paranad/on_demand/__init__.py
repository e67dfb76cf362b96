"""Asks for a PHP worker while rows of the shop wait that only PHP can work."""
