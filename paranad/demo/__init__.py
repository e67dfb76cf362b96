"""The whole system on one machine with nothing real: an embedded shop, a courier sandbox, a day of orders."""
