"""How paranad and paranadctl end: their exit codes, and a frame around each that lets no traceback out.

This module is loaded before all others, so that Ctrl-C works from the first moment on: import nothing heavy here.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import Final, TextIO

DONE: Final = 0
FAILED: Final = 1
LEASE_GONE: Final = 69
INTERRUPTED: Final = 130

CODES: Final = {
    0: "done",
    1: "it failed, or its answer could not be written",
    2: "wrong usage",
    3: "no daemon answers",
    4: "no such job, task, queue, entry or shipment",
    5: "not permitted",
    65: "the state file is gone, damaged or from a future version",
    69: "the lease is gone or given up; start again to stand by",
    75: "another daemon holds the state directory",
    78: "configuration",
    130: "Ctrl-C",
}
"""The meaning of each exit code of `paranad` and of `paranadctl`."""
OF_PARANAD: Final = (0, 1, 2, 65, 69, 75, 78, 130)
OF_PARANADCTL: Final = (0, 1, 2, 3, 4, 5, 130)

BRIEF: Final = {1: "it failed", 2: "wrong usage", 3: "no daemon", 4: "no such thing"}
"""Shorter words for some codes, to fit a line of --help."""

PLACES: Final = 4
"""How many lines of the source the report of a defect names."""


def table(codes: tuple[int, ...]) -> str:
    """Return *codes* with their meanings, a line each, as --help shows them."""
    return "".join(f"  {code:<3} {CODES[code]}\n" for code in codes).replace("`", "")


def summary(codes: tuple[int, ...]) -> str:
    """Return *codes* with their meanings in one sentence."""
    return f"Exit: {', '.join(f'{code} {BRIEF.get(code, CODES[code])}' for code in codes)}."


def run(name: str, work: Callable[[], int]) -> int:
    """Do *work*, the whole program *name*, in a process of its own; return the exit code.

    Ctrl-C ends it with 130 at any moment. Whatever *work* raises is told in a sentence. An output that cannot be
    written ends it with 1; one that is closed counts as /dev/null.
    """
    _quit_on_interrupt()
    _open_closed_streams()
    code = _outcome(name, work)
    # The work is done: while Python shuts down, Ctrl-C would only print a traceback.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    unwritten = _flush(sys.stdout)
    if unwritten and not code and not isinstance(unwritten, BrokenPipeError):
        tell(f"{name}: {sentence(unwritten)}")
    _flush(sys.stderr)
    return code or (FAILED if unwritten else DONE)


def heed_interrupt() -> None:
    """Let Ctrl-C raise KeyboardInterrupt from now on: the program is loaded and can end in order."""
    if signal.getsignal(signal.SIGINT) is _quit:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _quit_on_interrupt() -> None:
    """End at once on Ctrl-C: a KeyboardInterrupt raised within an import would end in a traceback."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # `nohup` and a shell's `&` ignore it
        signal.signal(signal.SIGINT, _quit)


def _quit(_number: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


def _open_closed_streams() -> None:
    """Give each standard stream that was closed /dev/null, so that no other file takes its number."""
    null = os.open(os.devnull, os.O_RDWR)
    while null < 3:
        null = os.dup(null)
    os.close(null)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long-lived as the process
    sys.stdout = sys.stdout or _null(1)
    sys.stderr = sys.stderr or _null(2)


def _null(descriptor: int) -> TextIO:
    return open(descriptor, "w", encoding="utf-8", closefd=False)


def _outcome(name: str, work: Callable[[], int]) -> int:
    try:
        return work()
    except SystemExit as ended:
        return _code_of(ended)
    except BaseException as error:  # noqa: BLE001 - the program's edge: no traceback may reach an operator
        cause = _first(error)
        if isinstance(cause, KeyboardInterrupt):
            return INTERRUPTED
        if not isinstance(cause, BrokenPipeError):  # the reader of our output is gone
            tell(f"{name}: {sentence(cause)}")
        return FAILED


def _first(error: BaseException) -> BaseException:
    """Return the first error of a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _code_of(ended: SystemExit) -> int:
    match ended.code:
        case None:
            return DONE
        case int():
            return ended.code
        case _:
            tell(str(ended.code))
            return FAILED


def sentence(error: BaseException) -> str:
    """Describe an unforeseen error in one line; a defect is named with its places in the source."""
    if isinstance(error, OSError):
        what = error.strerror or str(error) or type(error).__name__
        return f"{error.filename}: {what}" if error.filename else _unwritten(error, what)
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    places = ", ".join(list(_places(error))[-PLACES:])
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return f"a defect of the program, please report it: {said}{places and f' ({places})'}"


def _unwritten(error: OSError, what: str) -> str:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}
    return f"the output cannot be written: {what}" if full else what


def _places(error: BaseException) -> Iterator[str]:
    """Yield the lines of this program that led to *error*, the first caller first."""
    traceback = error.__traceback__
    while traceback:
        module = str(traceback.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] == "paranad" and module != __name__:
            yield f"{module}:{traceback.tb_lineno}"
        traceback = traceback.tb_next


def tell(line: str) -> None:
    """Write *line* to standard error if that takes it."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _flush(stream: TextIO) -> OSError | None:
    """Flush *stream*; if it fails, point it at /dev/null, so that Python does not complain when it closes it."""
    try:
        stream.flush()
    except OSError as error:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
        return error
    return None
