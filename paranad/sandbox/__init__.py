"""A strict stand-in for the courier; the demo, the tests and the benchmarks use it, the daemon never does."""
