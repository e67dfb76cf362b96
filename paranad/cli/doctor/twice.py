"""Looks for what would do the daemon's work a second time: crontab lines, Supervisor programs, services, processes.

A finding shows artisan's own command and nothing else of a command line, which may hold a password.
"""

import os
import re
from collections.abc import Iterator, Sequence
from configparser import Error as NotIni
from configparser import RawConfigParser
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from paranad.catalogue import PHP_QUEUE
from paranad.finding import Found, failed, ok, warning

COMMANDS = ("schedule:run", "schedule:work", "queue:work", "queue:listen")
ARTISAN = re.compile(
    rf"(?P<artisan>[^\s'\"]*\bartisan)['\"]?\s+(?:-\S+\s+)*['\"]?(?P<command>{'|'.join(COMMANDS)})(?![\w:])"
)
FOR_PHP = re.compile(rf"[^;&|]*?\s--queue[=\s]['\"]?{PHP_QUEUE}[^\s,'\"]+(?:,{PHP_QUEUE}[^\s,'\"]+)*(?![^\s;&|'\"])")
"""The rest of the command line of a worker for the queues that are set apart for PHP, which the daemon leaves alone."""
CHANGE_FOLDER = re.compile(r"\bcd\s+(?:'([^']+)'|\"([^\"]+)\"|([^\s;&|]+))")
SHOP_FILE = "app/Jobs/CreateAlWaseetShipmentJob.php"
"""A file that this shop has beside its `artisan`, and another Laravel program has not."""

CRONTABS = ("etc/crontab", "etc/cron.d/*", "var/spool/cron/crontabs/*", "var/spool/cron/*")
SUPERVISOR = (
    "etc/supervisord.conf",
    "etc/supervisor/supervisord.conf",
    "etc/supervisor/conf.d/*.conf",
    "etc/supervisord.d/*.conf",
    "etc/supervisord.d/*.ini",
)
SERVICES = ("etc/systemd/system/*.service",)
FOLDERS = ("var/spool/cron/crontabs", "etc/cron.d", "etc/supervisor/conf.d", "etc/supervisord.d")
LARGEST_BYTES = 1 << 20

TWICE_NOTHING = ok(
    "twice-nothing",
    "twice",
    "nothing beside the daemon does its work: no crontab line, Supervisor program, service or process",
)
TWICE_UNREAD = warning(
    "twice-unread",
    "twice",
    "not all that may do the daemon's work a second time could be looked at without root: {paths}",
    "sudo paranadctl doctor",
)
CRONTAB_TWICE = failed(
    "crontab-twice",
    "twice",
    "{file}, line {line} runs `artisan {command}` of this shop: the daemon does that work already",
    "take the line out of {file}",
)
CRONTAB_PERHAPS_TWICE = warning(
    "crontab-perhaps-twice",
    "twice",
    "{file}, line {line} runs `artisan {command}`: if of this shop, the daemon does that work already",
    "if it is this shop's, take the line out of {file}",
)
SUPERVISOR_TWICE = failed(
    "supervisor-twice",
    "twice",
    "the Supervisor program {name} runs `artisan {command}` of this shop: the daemon does that work already",
    "supervisorctl stop {name}; take it out of {file}; supervisorctl update",
)
SUPERVISOR_PERHAPS_TWICE = warning(
    "supervisor-perhaps-twice",
    "twice",
    "the Supervisor program {name} runs `artisan {command}`: if of this shop, the daemon does that work already",
    "if it is this shop's: supervisorctl stop {name}; take it out of {file}; supervisorctl update",
)
SERVICE_TWICE = failed(
    "service-twice",
    "twice",
    "the service {name} runs `artisan {command}` of this shop: the daemon does that work already",
    "systemctl disable --now {name}, and a timer of that name",
)
SERVICE_PERHAPS_TWICE = warning(
    "service-perhaps-twice",
    "twice",
    "the service {name} runs `artisan {command}`: if of this shop, the daemon does that work already",
    "if it is this shop's: systemctl disable --now {name}, and a timer of that name",
)
PROCESS_TWICE = failed(
    "process-twice",
    "twice",
    "process {pid} runs `artisan {command}` of this shop: the daemon does that work already",
    "see what started it (`systemctl status {pid}`), stop that, then: kill {pid}",
)
PROCESS_PERHAPS_TWICE = warning(
    "process-perhaps-twice",
    "twice",
    "process {pid} runs `artisan {command}`: if of this shop, the daemon does that work already",
    "if it is this shop's, see what started it (`systemctl status {pid}`), stop that, then: kill {pid}",
)


TWICE = {
    "crontab": (CRONTAB_TWICE, CRONTAB_PERHAPS_TWICE),
    "supervisor": (SUPERVISOR_TWICE, SUPERVISOR_PERHAPS_TWICE),
    "service": (SERVICE_TWICE, SERVICE_PERHAPS_TWICE),
    "process": (PROCESS_TWICE, PROCESS_PERHAPS_TWICE),
}
"""By the place of the command: the finding for this shop's, and for that of a shop which may be this one."""


@dataclass
class DoubleWork:
    """Finds what does the daemon's work a second time on the machine whose files are below *root*."""

    root: Path = Path("/")
    unread: list[str] = field(default_factory=list)
    """Files and folders that this user may not read."""

    def look(self) -> Iterator[Found]:
        """Yield a finding for each command that does the daemon's work too, or none; then the unread files."""
        culprits = [*self._crontabs(), *self._programs(), *self._services(), *self._processes()]
        yield from culprits
        self.unread += [f"/{folder}" for folder in FOLDERS if self._is_closed(self.root / folder)]
        if self.unread:
            yield TWICE_UNREAD(paths=", ".join(dict.fromkeys(self.unread)))
        elif not culprits:
            yield TWICE_NOTHING()

    def _crontabs(self) -> Iterator[Found]:
        for file, text in self._texts(CRONTABS):
            for number, line in enumerate(text.splitlines(), 1):
                if not line.lstrip().startswith("#"):
                    yield from self._culprits("crontab", line, file=file, line=number)

    def _programs(self) -> Iterator[Found]:
        for file, text in self._texts(SUPERVISOR):
            programs = RawConfigParser(strict=False, inline_comment_prefixes=(";",))
            try:
                programs.read_string(text)
            except NotIni:
                self.unread.append(file)
                continue
            for name in programs.sections():
                if name.startswith("program:"):
                    command, folder = (programs.get(name, key, fallback="") for key in ("command", "directory"))
                    shown = name.removeprefix("program:")
                    yield from self._culprits("supervisor", command, folder, name=shown, file=file)

    def _services(self) -> Iterator[Found]:
        for file, text in self._texts(SERVICES):
            settings = [line.partition("=") for line in text.splitlines()]
            folder = next((value.strip(" -") for key, _, value in settings if key == "WorkingDirectory"), "")
            for key, _, command in settings:
                if key == "ExecStart":
                    yield from self._culprits("service", command, folder, name=Path(file).name)

    def _processes(self) -> Iterator[Found]:
        for folder in sorted((self.root / "proc").glob("[0-9]*"), key=lambda each: (len(each.name), each.name)):
            with suppress(OSError):  # it has ended, or this user may not look at it
                words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if called := _artisan_of(words):
                    artisan, command = called
                    yield self._named("process", command, _of_process(folder, artisan), pid=folder.name)

    def _culprits(self, kind: str, text: str, folder: str = "", **values: object) -> Iterator[Found]:
        """Yield a finding for each artisan command in *text*, which runs in *folder* unless it changes to another."""
        for match in ARTISAN.finditer(text):
            if FOR_PHP.match(text, match.end()):
                continue
            # Paths join as a shell would change folders: an absolute one begins again.
            changed = [next(filter(None, each)) for each in CHANGE_FOLDER.findall(text[: match.start()])]
            shop = Path(*[part for part in (folder, *changed, match["artisan"]) if part]).parent
            place = self.root / str(shop).lstrip("/") if shop.is_absolute() else None
            yield self._named(kind, match["command"], place, **values)

    @staticmethod
    def _named(kind: str, command: str, shop: Path | None, **values: object) -> Found:
        is_ours = False
        if shop is not None:
            with suppress(OSError):  # this user may not look there: whose shop it is stays open
                is_ours = (shop / SHOP_FILE).is_file()
        of_this_shop, of_some_shop = TWICE[kind]
        return (of_this_shop if is_ours else of_some_shop)(command=command, **values)

    def _texts(self, patterns: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield the path and the text of each file that *patterns* name; the path begins at the machine's root."""
        for file in (file for pattern in patterns for file in sorted(self.root.glob(pattern))):
            shown = f"/{file.relative_to(self.root)}"
            try:
                with file.open("rb") as opened:
                    text = opened.read(LARGEST_BYTES).decode(errors="replace")
            except (IsADirectoryError, FileNotFoundError):
                continue
            except OSError:
                self.unread.append(shown)
            else:
                yield shown, text

    @staticmethod
    def _is_closed(folder: Path) -> bool:
        try:
            return folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK)
        except OSError:  # it lies in a folder that is closed itself
            return True


def _artisan_of(words: Sequence[str]) -> tuple[Path, str] | None:
    """Return artisan's path and command if a process with the arguments *words* does the daemon's work too."""
    for place, word in enumerate(words):
        if Path(word).name == "artisan":
            command = next((each for each in words[place + 1 :] if not each.startswith("-")), "")
            is_ours = command in COMMANDS and not FOR_PHP.match(" ".join(words[place:]))
            return (Path(word), command) if is_ours else None
    return None


def _of_process(process: Path, artisan: Path) -> Path:
    """Return the folder of *artisan* as the process itself sees it: it may live in a container."""
    if artisan.is_absolute():
        return process / "root" / str(artisan.parent).lstrip("/")
    return process / "cwd" / artisan.parent
