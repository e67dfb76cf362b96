"""The bridge: takes work from the shop's own `jobs` table, and gives back there what failed."""
