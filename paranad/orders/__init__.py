"""The shop's orders as a person asks for them: which have no shipment and why, and everything about one."""
