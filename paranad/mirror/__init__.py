"""The shop's shipment rows as the courier's lists have them: which row is which order, what is written, what stays."""
