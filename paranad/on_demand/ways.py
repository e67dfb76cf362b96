"""The ways to ask for a PHP worker: a file on which systemd starts one, or the operator's own command as a job."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from paranad.catalogue import PHP_WORK
from paranad.errors import NotFound, RequestError, StateError
from paranad.queue.jobs import Jobs
from paranad.queue.model import FINISHED, NewJob, State
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.whole import written_whole

REQUEST = "php.wanted"
"""The file's name in the daemon's runtime folder; paranad-php.path looks for it."""
WORKER = "paranad-php"
"""The runtime folder of paranad-php.service, beside the daemon's own: systemd keeps it while the worker runs."""
ENABLED = Path("/etc/systemd/system/multi-user.target.wants/paranad-php.path")
"""The link that `systemctl enable` makes."""
READABLE = 0o644
"""Within a folder that is closed to others; the service moves the file into its own, and reads it as another user."""
WAITING = frozenset(State) - FINISHED - {State.RUNNING}

NOT_WRITTEN = Sentence("php.not_written", "{path} cannot be written: {detail}")
NOT_ENQUEUED = Sentence("php.not_enqueued", "its job cannot be stored: {reason}")
NO_WAY = Sentence("php.no_way", 'the daemon was not started by systemd, and there is no [command."{task}"]')

REQUESTED = Sentence("php.requested", "{path} is there since {at}, and nobody took it")
JOB_WAITS = Sentence("php.job_waits", "job {job_id} ({task}) waits since {at}")
NOT_ENABLED = Sentence(
    "php.not_enabled", "paranad-php.path is not enabled, so no worker comes for rows that only PHP can work"
)
CURE_ENABLE = Sentence(
    "php.cure_enable", "say where the shop is (docs/php-on-demand.md), then: systemctl enable --now paranad-php.path"
)
CURE_UNIT = Sentence(
    "php.cure_unit",
    "systemctl enable --now paranad-php.path; if it runs already: journalctl -u paranad-php, and docs/php-on-demand.md",
)
CURE_FOLDER = Sentence(
    "php.cure_folder", "see what room there is: df /run; systemctl restart paranad makes the folder anew"
)
CURE_COMMAND = Sentence("php.cure_command", 'see what is wrong with [command."{task}"]: paranad check')
CURE_WORKER = Sentence(
    "php.cure_worker", "see why: journalctl -u paranad-php -n 50; try it: systemctl start paranad-php"
)
CURE_JOB = Sentence("php.cure_job", "see why: paranadctl jobs list --task {task}, then paranadctl logs --job ID")
CURE_NO_WAY = Sentence(
    "php.cure_no_way",
    'write [command."{task}"] into paranad.toml as docs/php-on-demand.md shows, then paranadctl reload',
)


def runtime_in(environ: Mapping[str, str]) -> Path | None:
    """Return the runtime folder that systemd has given; None: this is no service of its own."""
    given = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(given) if given else None


@record
class Lack:
    """What a person has to do before any worker can come."""

    reason: Said
    cure: Said


class NotAsked(Exception):
    """No worker could be asked for; *said* says why, *cure* what to do about it."""

    def __init__(self, said: Said, cure: Said) -> None:
        self.said, self.cure = said, cure
        super().__init__(said.text)


class Way(Protocol):
    """Asks for one worker at a time."""

    async def standing(self) -> tuple[bool, bool]:
        """Tell whether a request stands that no worker has taken, and whether a worker that took one still runs."""
        ...

    async def ask(self, queues: Sequence[str]) -> None:
        """Ask for a worker of *queues*, in their order.

        Raises:
            NotAsked: it could not be asked for.
        """
        ...

    async def withdraw(self) -> None:
        """Take back a request that no worker has taken."""
        ...

    def lacking(self) -> Lack | None:
        """Return what has to be done before any worker can come; None: nothing that can be seen from here."""
        ...

    def not_come(self, at: str) -> Said:
        """Say that a worker was asked for at *at* and has not come."""
        ...

    def cure(self, *, came: bool) -> Said:
        """Say what a person does about a worker that does not come, or that *came* and works nothing off."""
        ...


class BySystemd:
    """A file in the daemon's runtime folder; both folders are in memory, so nothing here waits for a disk."""

    def __init__(self, runtime: Path, enabled: Path = ENABLED) -> None:
        self.request, self.worker, self._enabled = runtime / REQUEST, runtime.parent / WORKER, enabled

    async def standing(self) -> tuple[bool, bool]:
        # In this order: the worker's folder is made before the request is taken.
        asked = self.request.exists()
        return asked, self.worker.exists()

    async def ask(self, queues: Sequence[str]) -> None:
        try:
            with written_whole(self.request, READABLE) as out:
                out.write(f"{','.join(queues)}\n".encode())
        except OSError as error:
            detail = error.strerror or type(error).__name__
            raise NotAsked(NOT_WRITTEN(path=str(self.request), detail=detail), CURE_FOLDER()) from error

    async def withdraw(self) -> None:
        self.request.unlink(missing_ok=True)

    def lacking(self) -> Lack | None:
        return None if self._enabled.is_symlink() else Lack(NOT_ENABLED(), CURE_ENABLE())

    def not_come(self, at: str) -> Said:
        return REQUESTED(path=str(self.request), at=at)

    def cure(self, *, came: bool) -> Said:
        if came:
            return CURE_WORKER()
        lack = self.lacking()
        return lack.cure if lack else CURE_UNIT()


class ByCommand:
    """The operator's `[command."php:work"]`, as a job like any other: its output, its time limit, its failures."""

    def __init__(self, jobs: Jobs, new_job: Callable[[], NewJob]) -> None:
        """*new_job* makes the job; it raises RequestError while there is no such command."""
        self._jobs, self._new_job = jobs, new_job
        self._job_id: int | None = None

    async def standing(self) -> tuple[bool, bool]:
        if self._job_id is None:
            return False, False
        try:
            state = (await self._jobs.get(self._job_id)).state
        except NotFound:
            state = State.CANCELLED
        if state in FINISHED:
            self._job_id = None
        return state in WAITING, state is State.RUNNING

    async def ask(self, queues: Sequence[str]) -> None:  # noqa: ARG002 - they stand in the command's own words
        try:
            [enqueued] = await self._jobs.enqueue([self._new_job()])
        except (RequestError, StateError) as error:
            raise NotAsked(NOT_ENQUEUED(reason=error.said), CURE_COMMAND(task=PHP_WORK)) from error
        self._job_id = enqueued.job_id

    async def withdraw(self) -> None:
        """Let the job run: it finds nothing to do and ends."""

    def lacking(self) -> Lack | None:
        return None

    def not_come(self, at: str) -> Said:
        return JOB_WAITS(job_id=self._job_id or 0, task=PHP_WORK, at=at)

    def cure(self, *, came: bool) -> Said:  # noqa: ARG002 - its jobs say both
        return CURE_JOB(task=PHP_WORK)


class NoWay:
    """Neither of the two."""

    async def standing(self) -> tuple[bool, bool]:
        return False, False

    async def ask(self, queues: Sequence[str]) -> None:  # noqa: ARG002 - as the others
        raise NotAsked(NO_WAY(task=PHP_WORK), CURE_NO_WAY(task=PHP_WORK))

    async def withdraw(self) -> None:
        """Nothing was asked for."""

    def lacking(self) -> Lack | None:
        return Lack(NO_WAY(task=PHP_WORK), CURE_NO_WAY(task=PHP_WORK))

    def not_come(self, at: str) -> Said:  # noqa: ARG002 - as the others
        return NO_WAY(task=PHP_WORK)

    def cure(self, *, came: bool) -> Said:  # noqa: ARG002 - as the others
        return CURE_NO_WAY(task=PHP_WORK)
