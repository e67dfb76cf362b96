"""Writes log lines in a thread of its own, so that a slow reader of the log does not slow the daemon."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

ROOM_BYTES = 32 * 2**20
"""How much may wait to be written: seconds of a flood, hours of a quiet day."""
LAST_WRITE_S = 5.0
"""How long a stop waits for unwritten lines."""


class Sink(Protocol):
    """Where written lines go."""

    def write(self, piece: bytes) -> bool:
        """Write *piece* whole; return False if its reader does not take it yet and it should be tried again.

        Raises:
            OSError: it cannot be written.
        """
        ...

    def close(self) -> None:
        """Release its descriptors; nothing is written afterwards."""
        ...


@dataclass(slots=True)
class Batch:
    """The lines of one `put`: pieces that are written one by one, and the number of lines in them."""

    pieces: Sequence[bytes]
    lines: int
    lost_before: int = 0
    """Lines that had no room, or could not be written, between the batch before and this one."""


class Writing:
    """A thread and the batches that wait for it, bounded in bytes.

    Lines without room are dropped and counted. As soon as writing goes on, *render_lost* makes a line of the count,
    which is written in the place of the dropped lines.
    """

    def __init__(self, sink: Sink, render_lost: Callable[[int], Sequence[bytes]], room_bytes: int = ROOM_BYTES) -> None:
        self._sink, self._render_lost, self._room_bytes = sink, render_lost, room_bytes
        self._waiting: deque[Batch] = deque()
        self._waiting_bytes = self._unwritten = self._lost = 0
        self._works = True
        """Whether the last write did not fail: only then is a loss worth a line of its own."""
        self._closed = self._given_up = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def put(self, pieces: Sequence[bytes], lines: int) -> None:
        """Hand over *lines* lines in *pieces*; never waits for the reader."""
        size_bytes = sum(map(len, pieces))
        with self._changed:
            if self._closed or self._waiting_bytes + size_bytes > self._room_bytes:
                self._lost += lines
                return
            self._waiting.append(Batch(pieces, lines, self._lost))
            self._waiting_bytes += size_bytes
            self._unwritten += lines
            self._lost = 0
            self._changed.notify()

    def close(self, timeout_s: float = LAST_WRITE_S) -> int:
        """Write what waits, for *timeout_s* seconds at most; return how many lines are lost and nowhere counted."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout_s)
        with self._changed:
            self._given_up = True
            return self._lost + self._unwritten + sum(batch.lost_before for batch in self._waiting)

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            try:
                self._write(batch)
            except Exception:  # noqa: BLE001 -- the thread must live: this batch counts as lost, the next one is tried
                self._done(batch, works=False)
            else:
                self._done(batch, works=True)
        self._sink.close()

    def _write(self, batch: Batch) -> None:
        lost = self._render_lost(batch.lost_before) if batch.lost_before else ()
        for piece in (*lost, *batch.pieces):
            while not self._sink.write(piece):
                if self._given_up:
                    raise TimeoutError

    def _next(self) -> Batch | None:
        """Wait for a batch; None at the end. An empty batch carries a count of lost lines that no line followed."""
        with self._changed:
            while not self._waiting and not (self._lost and self._works) and not self._closed:
                self._changed.wait()
            if self._given_up:
                return None
            if self._waiting:
                return self._waiting.popleft()
            # While writing fails, the count of lost lines could not be written either: it grows until writing works.
            if self._lost and self._works:
                batch = Batch((), 0, self._lost)
                self._lost = 0
                return batch
            return None

    def _done(self, batch: Batch, *, works: bool) -> None:
        with self._changed:
            self._works = works
            self._waiting_bytes -= sum(map(len, batch.pieces))
            self._unwritten -= batch.lines
            if not works:  # counted with the next batch, in whose place their number is then written
                self._lost += batch.lines + batch.lost_before
