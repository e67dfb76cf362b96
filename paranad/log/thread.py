"""Writes in a thread of its own what is handed over, so that a slow reader of the log holds nobody up."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

ROOM_BYTES = 32 * 2**20
"""How much may wait: seconds of a flood, hours of a quiet day."""
LAST_WRITE_S = 5.0
"""How long a stop waits for what is not yet written."""


class Sink(Protocol):
    """Where written lines go."""

    def write(self, piece: bytes) -> bool:
        """Write *piece* whole; tell whether it is done, False where the reader should be asked again.

        Raises:
            OSError: it cannot be written.
        """
        ...

    def close(self) -> None:
        """Let go of what it holds; nothing is written any more."""
        ...


@dataclass(slots=True)
class Batch:
    """What one hand-over brought: pieces to be written one by one, and how many lines those are."""

    pieces: Sequence[bytes]
    lines: int
    lost_before: int = 0
    """Lines that had no room, or could not be written, between the batch before and this one."""


class Writing:
    """A thread and what waits for it, bounded in bytes.

    What has no room is counted; the count is written as a line of its own, by *render_lost*, where those lines
    would have stood, as soon as writing goes on.
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
        """Hand over *lines* lines, in *pieces*; never waits for the reader."""
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
        """Write what waits, at most *timeout_s* seconds long; return how many lines are lost without a word."""
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
            except Exception:  # noqa: BLE001 -- the thread's edge: whatever it was, the next batch is tried, and this one counted
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
        """Wait for a batch; None at the end. An empty one carries a loss that nothing came after."""
        with self._changed:
            while not self._waiting and not (self._lost and self._works) and not self._closed:
                self._changed.wait()
            if self._given_up:
                return None
            if self._waiting:
                return self._waiting.popleft()
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
            if not works:
                self._lost += batch.lines + batch.lost_before
