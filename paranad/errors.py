"""The errors of the program, each carrying the thing it is about.

ParanadError
├── ConfigurationError      every problem at once: file, key, value, cure            exit 78
├── StateError              the state directory and queue.db
│   ├── StateLocked         another daemon holds it: pid                             exit 75
│   ├── StateFull           no room or an I/O error: nothing was stored
│   │   └── StateGone       queue.db was removed while the daemon runs: nothing is taken
│   ├── StateDamaged        not a queue.db that can be trusted                       exit 65
│   └── StateFromFuture     written by a later version                               exit 65
├── RequestError            what a caller asked cannot be done
│   ├── BadRequest · TooLarge · KeyReused · WrongState · OfAnotherMachine · Unavailable
│   ├── InvalidRequest · BadArguments                                                exit 2
│   ├── NotFound · UnknownTask · UnknownQueue                                        exit 4
│   ├── NotPermitted                                                                 exit 5
│   ├── JournalMissing      this machine keeps none
│   ├── JournalNotReadable  the caller is not among its readers                      exit 5
│   └── DaemonUnreachable   the control socket does not answer                       exit 3
├── NotHolding              another daemon may work: nothing is begun
├── CourierError            courier/errors.py
└── ShopError               shop/errors.py

A message names the thing, what was expected, what it got and the cure. No message holds a secret.
"""

from collections.abc import Iterable
from typing import ClassVar

from paranad.record import record
from paranad.said import Said, Sentence, plain


class ParanadError(Exception):
    """An error that the program expects; any other exception is a defect."""

    kind: str = "internal"
    """Names the error in JSON and in words; the last part of its problem type. Each class has its own."""
    status: ClassVar[int] = 500
    """HTTP status with which the control API answers it."""
    exit_code: ClassVar[int] = 1
    """Exit status of a program that it ends."""
    has_traceback: ClassVar[bool] = True
    """Whether a traceback helps a person; False for a failure outside the program, which its notes describe."""
    said: Said
    """What went wrong, as a fact that can be stored and shown in any language."""

    def __init__(self, said: Said) -> None:
        self.said = said
        super().__init__(self.said.text)


@record
class WrongSetting:
    """One wrong setting: where it stands, what it holds, and the cure. *value* is `(hidden)` for a secret."""

    where: str
    """The file, environment variable or credential."""
    key: str
    """Dotted key such as `[queue] workers`; empty where the whole file is meant."""
    message: str
    """Expected, got, cure."""
    bearable: bool = False
    """True: the daemon starts without the one thing that the setting is for. False: it refuses to start."""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.key, self.message) if part)


CONFIG_WRONG = Sentence("config.wrong", "{problems}")


def first_line_of(error: Exception) -> Said:
    """Return what *error* says, a defect with its class, each text of it cut to its first line."""
    if isinstance(error, ParanadError):
        return error.said.cleaned(_first_line)
    return plain(f"{type(error).__name__}: {_first_line(str(error))}")


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


class ConfigurationError(ParanadError):
    """The configuration cannot be used, for each of the problems it carries."""

    kind = "configuration"
    status = 422
    exit_code = 78

    def __init__(self, problems: Iterable[WrongSetting]) -> None:
        self.problems = tuple(problems)
        super().__init__(CONFIG_WRONG(problems="\n".join(str(problem) for problem in self.problems)))


class StateError(ParanadError):
    """The state directory or queue.db cannot be used."""

    kind = "state"
    status = 503


STATE_LOCKED = Sentence(
    "state.locked", "{path} is held by {holder}: one daemon at a time; stop that one, or set another daemon.state_dir"
)
PROCESS = Sentence("state.process", "process {pid}")
OTHER_PROCESS = Sentence("state.other_process", "another process")


class StateLocked(StateError):
    """Another daemon holds the state directory."""

    kind = "state-locked"
    exit_code = 75

    def __init__(self, state_dir: str, pid: int | None) -> None:
        self.state_dir, self.pid = state_dir, pid
        holder = PROCESS(pid=pid) if pid else OTHER_PROCESS()
        super().__init__(STATE_LOCKED(path=state_dir, holder=holder))


class StateFull(StateError):
    """No room, or the disk failed: nothing was stored."""

    kind = "state-full"
    status = 507


class StateGone(StateFull):
    """The open queue.db is no longer the file at its path: no more work is taken."""

    kind = "state-gone"
    status = 503


class StateDamaged(StateError):
    """The file is not a queue.db that can be trusted; it is left as it is."""

    kind = "state-damaged"
    exit_code = 65


class StateFromFuture(StateError):
    """The file was written by a later version of the program."""

    kind = "state-from-future"
    exit_code = 65


class NotHolding(ParanadError):
    """The lease, or the shop's row of a job, is not this daemon's: another may work, and nothing was begun."""

    kind = "not-holding"
    status = 503
    has_traceback = False


class RequestError(ParanadError):
    """A caller's request cannot be done."""

    kind = "bad-request"
    status = 400


class BadRequest(RequestError):
    """Not JSON, nested too deep, or not the expected shape."""


class InvalidRequest(RequestError):
    """An id, a field or a parameter is missing, unknown or out of range."""

    kind = "invalid"
    status = 422
    exit_code = 2


class TooLarge(RequestError):
    """The body is over the limit."""

    kind = "too-large"
    status = 413


class UnknownTask(RequestError):
    """No task of that name."""

    kind = "unknown-task"
    status = 422
    exit_code = 4


class UnknownQueue(RequestError):
    """No queue of that name."""

    kind = "unknown-queue"
    status = 422
    exit_code = 4


class BadArguments(RequestError):
    """A task's arguments are missing, extra or wrong."""

    kind = "bad-arguments"
    status = 422
    exit_code = 2


class KeyReused(RequestError):
    """An Idempotency-Key came again with another body."""

    kind = "idempotency-key-reused"
    status = 422


class NotFound(RequestError):
    """No such job, entry or shipment."""

    kind = "not-found"
    status = 404
    exit_code = 4


class WrongState(RequestError):
    """The thing exists, but not in a state that allows what was asked."""

    kind = "wrong-state"
    status = 409


class OfAnotherMachine(RequestError):
    """Several machines serve the shop, and this one is not, or is no longer, the one that can do it."""

    kind = "other-machine"
    status = 409


class Unconfirmed(RequestError):
    """A person named a courier order that the courier does not confirm to be the order's shipment."""

    kind = "unconfirmed"
    status = 409


class NotPermitted(RequestError):
    """The caller may not."""

    kind = "not-permitted"
    status = 403
    exit_code = 5


class Unavailable(RequestError):
    """The daemon cannot do it just now: it starts, stops, or waits for the shop or the courier."""

    kind = "unavailable"
    status = 503


class JournalMissing(RequestError):
    """There is no systemd journal on this machine."""

    kind = "journal-missing"


class JournalNotReadable(RequestError):
    """The caller may not read the system's journal."""

    kind = "journal-not-readable"
    status = 403
    exit_code = 5


class DaemonUnreachable(RequestError):
    """The control socket does not answer; the message says which, why, and how to start the daemon."""

    kind = "daemon-unreachable"
    exit_code = 3
