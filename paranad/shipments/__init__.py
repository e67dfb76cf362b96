"""One order, one shipment: the shipment journal and its rules."""
