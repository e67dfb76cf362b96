"""The log: what happened, one rendered line each, without secrets, to a stream that may break."""
