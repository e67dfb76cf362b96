"""What waits for the log's thread: bounded, in order, counted where it is lost."""

import threading
from collections.abc import Sequence
from queue import SimpleQueue

import pytest

from paranad.log.thread import Writing

ROOM_BYTES = 5
PATIENCE_S = 10.0


class Gate:
    """A sink that waits for what becomes of each piece: it is written, or cannot be."""

    def __init__(self) -> None:
        self.verdicts: SimpleQueue[bool] = SimpleQueue()
        self.asked = threading.Semaphore(0)
        self.written: list[bytes] = []
        self.closed = threading.Event()

    def let(self, *verdicts: bool) -> None:
        for verdict in verdicts:
            self.verdicts.put(verdict)

    def write(self, piece: bytes) -> bool:
        self.asked.release()
        if not self.verdicts.get(timeout=PATIENCE_S):
            raise OSError("no room")
        self.written.append(piece)
        return True

    def close(self) -> None:
        self.closed.set()


def render_lost(lines: int) -> Sequence[bytes]:
    return [b"lost %d" % lines]


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def writing(gate: Gate) -> Writing:
    """A thread whose sink holds a first batch, of one byte, in its hands."""
    writing = Writing(gate, render_lost, ROOM_BYTES)
    writing.put([b"0"], 1)
    assert gate.asked.acquire(timeout=PATIENCE_S)
    return writing


def put(writing: Writing, *texts: bytes) -> None:
    for text in texts:
        writing.put([text], 1)


def test_batches_are_written_in_order_piece_by_piece(writing: Writing, gate: Gate) -> None:
    gate.let(*[True] * 4)
    writing.put([b"1", b"2"], 7)
    put(writing, b"3")
    assert 0 == writing.close()
    assert [b"0", b"1", b"2", b"3"] == gate.written


def test_what_has_no_room_is_told_of_where_it_would_have_stood(writing: Writing, gate: Gate) -> None:
    put(writing, b"11", b"2", b"lost", b"lost", b"3")
    gate.let(*[True] * 5)
    assert 0 == writing.close()
    assert [b"0", b"11", b"2", b"lost 2", b"3"] == gate.written


def test_loss_that_nothing_comes_after_is_told_of_as_soon_as_writing_goes_on(writing: Writing, gate: Gate) -> None:
    put(writing, b"1111", b"lost")
    gate.let(True, True, True)
    assert all(gate.asked.acquire(timeout=PATIENCE_S) for _ in range(2))
    assert 0 == writing.close()
    assert [b"0", b"1111", b"lost 1"] == gate.written


def test_what_cannot_be_written_is_counted_until_it_can_be_told(writing: Writing, gate: Gate) -> None:
    gate.let(False, False)
    put(writing, b"1")
    assert gate.asked.acquire(timeout=PATIENCE_S)
    put(writing, b"2")
    gate.let(True, True)
    assert 0 == writing.close()
    assert {b"2", b"lost 2"} == set(gate.written)


def test_loss_that_cannot_be_told_is_not_forgotten(writing: Writing, gate: Gate) -> None:
    put(writing, b"11", b"2", b"lost", b"3")
    gate.let(True, True, True, False)
    assert 2 == writing.close()


def test_sink_that_stays_broken_is_not_asked_again_and_again(writing: Writing, gate: Gate) -> None:
    put(writing, b"1", b"2")
    gate.let(False, False, False)
    assert 3 == writing.close()
    assert gate.closed.is_set()


def test_close_waits_only_so_long_and_counts_what_it_leaves(writing: Writing, gate: Gate) -> None:
    put(writing, b"11", b"22", b"lost")
    assert 4 == writing.close(0.01)
    gate.let(True)
    assert gate.closed.wait(PATIENCE_S)
    assert [b"0"] == gate.written


def test_what_comes_after_the_end_is_counted(writing: Writing, gate: Gate) -> None:
    gate.let(True)
    assert 0 == writing.close()
    put(writing, b"1")
    assert 1 == writing.close()
