"""What a monitor reads: counted from the events, the rest read when it is asked for, as Prometheus' text."""
