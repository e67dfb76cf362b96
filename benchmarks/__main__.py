"""Measures part by part, prints the table, keeps it in `build/bench.json`, and compares it with the committed one.

`python -m benchmarks [ROUNDS] [PART ...]`
"""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress

from benchmarks import compare
from benchmarks.figures import Unreadable, machine, measure, read, write

ROUNDS = 5
PARTS = ("drain", "claim", "service", "sync", "bridge", "page", "metrics", "php", "parcels", "way")


def main(words: list[str]) -> int:
    """Measure; return the exit status."""
    rounds = next((int(word) for word in words if word.isdecimal()), ROUNDS)
    parts = [word for word in words if not word.isdecimal()] or list(PARTS)
    if rounds < 1:
        print(f"ROUNDS: expected a whole number from 1, got {rounds}", file=sys.stderr)
        return 2
    if unknown := set(parts) - set(PARTS):
        print(f"PART: expected some of {', '.join(PARTS)}, got {', '.join(unknown)}", file=sys.stderr)
        return 2
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
    table = {}
    with suppress(Unreadable):  # the parts that are not measured now stay
        table = read(compare.NOW)
    print(f"{machine()}\nMedians of {rounds} rounds; lowest … highest; goal.")
    for name in parts:
        # A process each: none inherits another's memory.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            table[name] = process.submit(measure, name, rounds).result()
        write(compare.NOW, table)
    print(f"\n{compare.NOW}\n")
    return compare.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
