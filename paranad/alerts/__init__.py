"""Alerts: what needs a person is told to the operator's own command, once, and once more when it is over."""
