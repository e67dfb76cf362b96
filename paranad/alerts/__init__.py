"""Alerts: trouble that needs a person is announced by the operator's own command, once, and once when it is over."""
