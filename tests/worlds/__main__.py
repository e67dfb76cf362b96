"""`make worlds`: plays many invented worlds over every core, and says what became of them."""

import os
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from multiprocessing import get_context
from secrets import randbelow

from tests.worlds.prove import BATCH, Counts, prove_batch


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    worlds = int(os.environ.get("WORLDS", "20000"))
    first = int(os.environ.get("WORLDS_SEED") or randbelow(10**9))
    batches = range(first, first + -(-worlds // BATCH))
    processes = os.cpu_count() or 1
    counts, began_s = Counts(), time.monotonic()
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        running = {pool.submit(prove_batch, each): each for each in batches}
        try:
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for each in done:
                    batch = running.pop(each)
                    found, broken = each.result()
                    counts.join(found)
                    if broken:
                        say(f"{broken}\na world breaks a promise: WORLDS_SEED={batch} WORLDS={BATCH} make worlds")
                        return 1
        finally:
            pool.shutdown(cancel_futures=True)
    took_s = time.monotonic() - began_s
    say(
        f"{counts.all.worlds} worlds in {took_s:.0f} s on {processes} cores, seed {first}:"
        f" no order has a second parcel, every order ended"
    )
    kinds = {
        "honest": counts.honest,
        "honest, two machines": counts.honest_of_two,
        "lying": counts.lying,
        "lying, two machines": counts.lying_of_two,
    }
    for kind, count in kinds.items():
        say(f"{kind + ':':22}{count.worlds} worlds, {count.orders} orders, {count.share} held")
    say(f'in {counts.all.outside} no list could show the first parcel: docs/guarantees.md, "Not covered"')
    return 0


if __name__ == "__main__":
    sys.exit(main())
