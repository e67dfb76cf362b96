"""A throwaway Debian, booted by a real systemd in a container, on a machine whose own PID 1 need not be systemd.

Each release's root folder is built once and kept; every boot puts an overlay in memory over it, so that nothing lasts.
"""

import fcntl
import os
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

KEPT = Path("/var/tmp/paranad-systemd")
"""Where the root folders are, and what else is worth keeping for the next run."""
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "python3", "python3-venv", "make", "procps"),
    *("mariadb-server-core", "mariadb-client-core", "mandoc", "bash-completion", "zsh", "fish"),
    *("php-cli", "php-mysql", "php-laravel-framework"),
)
RECIPE = f"1 {' '.join(PACKAGES)}"
"""A change of it builds the root folders anew."""
MASKED = (
    *(
        "apt-daily.timer",
        "apt-daily-upgrade.timer",
        "dpkg-db-backup.timer",
        "e2scrub_all.timer",
        "e2scrub_reap.service",
    ),
    *("fstrim.timer", "console-getty.service", "getty.target"),
)
"""What would start by itself and is of no use here."""
TOOLS = {"systemd-nspawn": "systemd-container", "mmdebstrap": "mmdebstrap", "nsenter": "util-linux"}
BUILD_S, BOOT_S, STOP_S = 600.0, 60.0, 10.0


def release_here() -> str:
    """Return the codename of this computer's own release."""
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "")


def obstacle() -> str | None:
    """Return why no machine can be booted here; None: it can."""
    if os.geteuid() != 0:
        return "it needs root"
    missing = [package for tool, package in TOOLS.items() if not shutil.which(tool)]
    if missing:
        return f"it needs Debian's {', '.join(missing)}"
    if not any(os.access(folder, os.W_OK) for folder in _cgroups("cgroup2")):
        return "it needs cgroup v2, mounted somewhere and writable"
    may = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False)
    return None if may.returncode == 0 else "it needs the right to make namespaces"


class NotBooted(Exception):
    """This computer lets no such machine be built or booted."""


@dataclass(frozen=True, slots=True)
class Answered:
    """How a command inside ended, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


class Machine:
    """A booted machine."""

    def __init__(self, first: int) -> None:
        self.first = first

    def run(self, command: str, *, patience_s: float = 60, **environ: str) -> Answered:
        """Run a shell *command* inside as root, outside of every unit."""
        variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME": "/root", "LANG": "C.UTF-8"}
        ran = subprocess.run(
            [*self._enter(), "env", "--ignore-environment", *_assigned(variables | environ), "bash", "-c", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",  # the journal's export has lengths in binary before what is longer than a line
            check=False,
            timeout=patience_s,
        )
        return Answered(ran.returncode, ran.stdout, ran.stderr)

    def sure(self, command: str, *, patience_s: float = 60, **environ: str) -> str:
        """Run *command* as `run` does, and fail unless it succeeds; return what it printed."""
        answered = self.run(command, patience_s=patience_s, **environ)
        assert answered.status == 0, f"{command}: {answered.status}\n{answered.text}"
        return answered.out.strip()

    def write(self, path: str, text: str) -> None:
        """Write a file inside, its folder made where it is missing."""
        lay = [*self._enter(), "bash", "-c", 'mkdir -p "$(dirname "$0")" && cat >"$0"', path]
        subprocess.run(lay, input=text, text=True, check=True)

    def _enter(self) -> Sequence[str]:
        spaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
        return ["nsenter", f"--target={self.first}", *spaces, "--"]


def _assigned(variables: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in variables.items()]


@contextmanager
def booted(root: Path, shown: dict[Path, str]) -> Iterator[Machine]:
    """Boot a machine that sees the folders *shown*, read-only, at the paths they map to; end it afterwards.

    Raises:
        NotBooted: says why.
    """
    with _cgroup(f"paranad-{os.getpid()}") as group:
        container = _spawn(group, root, shown)
        try:
            yield Machine(_first_process(container))
        finally:
            _end(container)


@contextmanager
def built(release: str) -> Iterator[Path]:
    """Give a *release*'s root folder, built if it is missing or of another recipe; hold it against a rebuild meanwhile.

    Raises:
        NotBooted: says why.
    """
    root = KEPT / release
    KEPT.mkdir(parents=True, exist_ok=True)
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        recipe = root / ".recipe"
        if not recipe.exists() or recipe.read_text("utf-8") != RECIPE:
            _build(release, root)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield root


def python_of(root: Path) -> str:
    """Return the version of a root folder's Python, such as 3.13."""
    return (root / "usr/bin/python3").readlink().name.removeprefix("python")


def _build(release: str, root: Path) -> None:
    new = root.with_suffix(".new")
    for folder in (new, root):
        shutil.rmtree(folder, ignore_errors=True)
    bare = [f"--dpkgopt=path-exclude=/usr/share/{what}/*" for what in ("man", "doc", "locale")]
    made = _patiently(
        [
            *("mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(PACKAGES)}"),
            *(f"--aptopt={setting}" for setting in _apt_settings()),
            *(*bare, release, str(new), "-"),
        ],
        _apt_sources(release),
    )
    if made.returncode:
        shutil.rmtree(new, ignore_errors=True)
        raise NotBooted(f"mmdebstrap built no {release}; after `apt-get update` it may: {made.stderr[-300:]!r}")
    for unit in MASKED:
        (new / "etc/systemd/system" / unit).symlink_to("/dev/null")
    (new / "etc/machine-id").write_text("")
    (new / "etc/hostname").write_text("shop\n")
    (new / "etc/hosts").write_text("127.0.0.1 localhost shop\n::1 localhost\n")
    (new / ".recipe").write_text(RECIPE)
    new.rename(root)


def _patiently(command: Sequence[str], stdin: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=BUILD_S)
    except subprocess.TimeoutExpired:
        raise NotBooted(f"mmdebstrap did not end within {BUILD_S:g} s") from None


def _apt_sources(release: str) -> str:
    """Return the mirrors that this machine's own apt uses, as `deb` lines of *release*; apt knows them by its lists."""
    form = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    targets = ("apt-get", "indextargets", "--format", form, "Created-By: Packages")
    if not (lines := _told(*targets).splitlines()):
        _told("apt-get", "update")
        lines = _told(*targets).splitlines()
    here = release_here()
    suites = {line: line.split()[2].partition("-") for line in lines}
    own = {line for line, suite in suites.items() if suite[0] == release}
    others = {line.replace(f" {here}", f" {release}", 1) for line, suite in suites.items() if suite[0] == here}
    return "\n".join(sorted(own or others))


def _apt_settings() -> list[str]:
    """Return this machine's proxies and the like, which mmdebstrap does not read by itself."""
    wanted = ("Acquire::http", "Acquire::https", "Acquire::Retries", "Acquire::Check")
    return [line for line in _told("apt-config", "dump").splitlines() if line.startswith(wanted)]


def _told(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _cgroups(kind: str) -> list[Path]:
    lines = (line.split() for line in Path("/proc/mounts").read_text("utf-8").splitlines())
    return [Path(words[1]) for words in lines if words[2] == kind]


@contextmanager
def _cgroup(name: str) -> Iterator[Path]:
    """Give a control group of its own, so that several machines do not collide; remove what is left of it."""
    group = _cgroups("cgroup2")[0] / name
    for old in group.parent.glob("paranad-*"):  # of tests that were killed
        if not Path("/proc", old.name.rpartition("-")[2]).exists():
            _remove_cgroups(old.name)
    group.mkdir()
    try:
        yield group
    finally:
        _remove_cgroups(name)


def _remove_cgroups(name: str) -> None:
    for top in [*_cgroups("cgroup2"), *_cgroups("cgroup")]:
        folders = sorted((top / name).rglob("*/"), key=lambda folder: -len(folder.parts))
        for folder in [*folders, top / name]:
            with suppress(OSError):
                folder.rmdir()


def _spawn(group: Path, root: Path, shown: dict[Path, str]) -> subprocess.Popen[bytes]:
    """Start the container in *group*; it ends when this process does."""
    command = [
        *("setpriv", "--pdeathsig", "TERM", "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"),
        *(f"--directory={root}", "--volatile=overlay", f"--machine={group.name}", "--console=pipe"),
        *("--link-journal=no", "--timezone=off", "--resolv-conf=off", "--private-network"),
        *("--capability=CAP_BPF,CAP_PERFMON", "--system-call-filter=bpf"),  # for IPAddressDeny=
        *(f"--bind-ro={outside}:{inside}" for outside, inside in shown.items()),
    ]
    into = 'echo $$ >"$0/cgroup.procs" && exec "$@"'
    return subprocess.Popen(
        ["sh", "-c", into, str(group), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
    )


def _first_process(container: subprocess.Popen[bytes]) -> int:
    """Return the machine's PID 1, seen from here, once its boot is over."""
    end = time.monotonic() + BOOT_S
    while time.monotonic() < end:
        if container.poll() is not None:
            raise NotBooted("systemd-nspawn ended before the boot was over")
        for first in filter(_is_first, _descendants(container.pid)):
            state = Machine(first).run("systemctl is-system-running").out.strip()
            if state in {"running", "degraded"}:
                return first
        time.sleep(0.1)
    raise NotBooted(f"no boot within {BOOT_S:g} s")


def _descendants(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
            yield int(child)
            yield from _descendants(int(child))


def _is_first(pid: int) -> bool:
    with suppress(OSError):
        folder = Path(f"/proc/{pid}")
        ids = next(line for line in (folder / "status").read_text("utf-8").splitlines() if line.startswith("NSpid:"))
        return ids.split()[-1] == "1" and (folder / "comm").read_text("utf-8").strip() == "systemd"
    return False


def _end(container: subprocess.Popen[bytes]) -> None:
    """Shut the machine down; kill its PID 1, which ends all that it holds, where that takes too long."""
    first = next(filter(_is_first, _descendants(container.pid)), None)
    container.terminate()
    with suppress(subprocess.TimeoutExpired):
        container.wait(STOP_S)
    if container.poll() is None and first:
        os.kill(first, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        container.wait(STOP_S)
    container.kill()
    container.wait()
