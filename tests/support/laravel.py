"""A real Laravel on the shop's database: Debian's framework with stand-ins of the shop's classes."""

import asyncio
import os
import shutil
import subprocess
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

ARTISAN = Path(__file__).parents[1] / "bridge" / "laravel" / "artisan.php"
FRAMEWORK = Path("/usr/share/php/Illuminate/Foundation/Application.php")
WITHOUT_LARAVEL = (
    "left out: what is tested with a real Laravel; to have it:"
    " apt-get install php-cli php-mysql php-sqlite3 php-laravel-framework"
)
DRIVERS = {"pdo_mysql", "pdo_sqlite"}
BEGUN = (b"Processing", b"RUNNING")
"""What a worker says of a job that it has taken: Laravel 8's word and the one of 9 and later."""
PATIENCE_S = 60


def has_laravel() -> bool:
    """Tell whether there is a PHP, of whatever release, with the databases' drivers and the framework."""
    if shutil.which("php") is None or not FRAMEWORK.exists():
        return False
    modules = subprocess.run(["php", "-m"], stdin=DEVNULL, capture_output=True, text=True, check=False).stdout
    return set(modules.split()) >= DRIVERS


@dataclass(frozen=True, slots=True)
class Laravel:
    """The shop's artisan; what its workers did stands in a file."""

    shop_url: str
    folder: Path

    async def artisan(self, *words: str) -> str:
        """Run `php artisan WORDS`; return what it printed."""
        process = await self.start(*words)
        async with asyncio.timeout(PATIENCE_S):
            out, _ = await process.communicate()
        assert process.returncode == 0, out.decode()
        return out.decode()

    async def start(self, *words: str, slow: bool = False) -> Process:
        """Start `php artisan WORDS`; where *slow*, every job takes a minute."""
        environment = {**self.environment(), **({"SHOP_SLOW": "60"} if slow else {})}
        return await asyncio.create_subprocess_exec(
            *command(words), env=environment, stdin=DEVNULL, stdout=PIPE, stderr=asyncio.subprocess.STDOUT
        )

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Let a worker be in the middle of a job meanwhile; then kill it."""
        worker = await self.start("queue:work", slow=True)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await _begun(worker)
            yield
        finally:
            worker.kill()
            await worker.communicate()

    async def dispatch(self, what: str, *words: str) -> None:
        """Let the shop put work into its queue."""
        await self.artisan("shop:dispatch", what, *words)

    async def work(self) -> None:
        """Let a worker work off what is there."""
        await self.artisan("queue:work", "--stop-when-empty", "--sleep=0")

    @property
    def worked(self) -> list[str]:
        """What PHP workers did, in order."""
        return self.worked_file.read_text("utf-8").splitlines() if self.worked_file.exists() else []

    @property
    def worked_file(self) -> Path:
        return self.folder / "worked"

    def environment(self) -> dict[str, str]:
        url = make_url(self.shop_url)
        where = {
            "DB_CONNECTION": url.get_backend_name(),
            "DB_DATABASE": url.database or "",
            "DB_USERNAME": url.username or "",
            "DB_PASSWORD": str(url.password or ""),
            "DB_SOCKET": str(url.query.get("unix_socket", "")),
            "SHOP_STORAGE": str(self.folder),
            "SHOP_WORKED": str(self.worked_file),
            "APP_PACKAGES_CACHE": str(self.folder / "packages.php"),
            "APP_SERVICES_CACHE": str(self.folder / "services.php"),
        }
        return {**os.environ, **where}


async def _begun(worker: Process) -> None:
    assert worker.stdout
    said = b""
    while not any(word in said for word in BEGUN):
        said += (line := await worker.stdout.readline())
        assert line, f"the worker ended before it took a job: {said.decode()}"


def command(words: Sequence[str]) -> list[str]:
    """Return the command line of `php artisan WORDS`."""
    return [shutil.which("php") or "php", str(ARTISAN), *words]
