"""Both READMEs and the pages for people say what the program says: commands, keys, and outputs of a run."""

import asyncio
import re
import sys
import tomllib
from pathlib import Path

import pytest

from etc.manual.tree import daemon_tree, operator_tree
from paranad.cli.artisan import SPELLINGS
from tests.process.test_demo import demo

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "README.ar.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "docs" / "moving-from-laravel.md",
    ROOT / "docs" / "moving-from-laravel.ar.md",
    ROOT / "docs" / "tasks.md",
]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
COMMANDS = {" ".join(command.path) for program in (daemon_tree(), operator_tree()) for command in program.walk()}
LONGEST_README = 240
EVERY_ORDER = "every order has exactly one shipment"
PATIENCE_S = 60.0


def blocks(page: str) -> list[tuple[str, str]]:
    """Return language and text of every block of a page."""
    return BLOCK.findall((ROOT / page).read_text("utf-8"))


def output_of(page: str, command: str) -> str:
    """Return what a page shows under *command*."""
    for _, text in blocks(page):
        if text.startswith(f"$ {command}\n"):
            return text.partition("\n")[2]
    raise AssertionError(f"{page} does not show {command}")


def shape(text: str) -> str:
    """Return *text* without what differs from run to run: numbers, references, names of machines, runs of spaces."""
    text = re.sub(r"P\d+-[A-Z2-7]{4}", "REFERENCE", text)
    text = re.sub(r"\bnow\b|\d[\d:.]*( (s|min|ms))?( ago)?", "0", text)
    return re.sub(r" +", " ", text)


async def run(program: str, *words: str) -> str:
    """Run one of the two programs; return what it writes, standard error last."""
    path = Path(sys.executable).parent / program
    process = await asyncio.create_subprocess_exec(
        path, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, error = await process.communicate()
    return (out + error).decode()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    wrong = [target for target, _ in LINK.findall(page.read_text("utf-8")) if not (page.parent / target).exists()]
    assert [] == wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_exists(page: Path) -> None:
    """An artisan spelling or a task counts as one."""
    text = page.read_text("utf-8")
    typed = "\n".join([*re.findall(r"^\$ (.+)$", text, re.MULTILINE), *re.findall(r"`([^`\n]+)`", text)])
    named = re.findall(r"\b(paranad(?:ctl)?) (?:--lang \w+ )?([a-z:-]+)", typed)
    known = {*COMMANDS, *(f"paranadctl {old}" for old in SPELLINGS)}
    assert named or page.name in {"CONTRIBUTING.md", "tasks.md"}
    assert [] == [f"{program} {word}" for program, word in named if f"{program} {word}" not in known]


def test_both_readmes_show_the_same() -> None:
    assert blocks("README.md") == blocks("README.ar.md")


def test_both_guides_from_laravel_show_the_same() -> None:
    assert blocks("docs/moving-from-laravel.md") == blocks("docs/moving-from-laravel.ar.md")


def test_readme_is_a_door_and_no_manual() -> None:
    assert LONGEST_README > len((ROOT / "README.md").read_text("utf-8").splitlines())
    assert LONGEST_README > len((ROOT / "README.ar.md").read_text("utf-8").splitlines())


async def test_keys_are_known(tmp_path: Path) -> None:
    for page in PAGES:
        for language, text in blocks(str(page.relative_to(ROOT))):
            if language == "toml":
                tomllib.loads(text)
                file = tmp_path / "paranad.toml"
                file.write_text(text, "utf-8")
                assert "unknown" not in await run("paranad", "check", "--config", str(file)), text


async def test_wrong_configuration_is_told_as_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / "paranad.toml").write_text(
        """
        [queue]
        worker = 4
        [courier]
        rate_limit = "50"
        [schedule.backup]
        cron = "61 3 * * *"
        command = ["/usr/local/bin/backup-shop"]
        """
    )
    said = await run("paranad", "check", "--config", str(tmp_path / "paranad.toml"))
    assert said == output_of("README.md", "paranad check")


async def test_demo_and_an_order_s_shipment_look_as_the_page_shows(tmp_path: Path) -> None:
    shown = next(text for _, text in blocks("README.md") if EVERY_ORDER in text)
    shown_lines = {shape(line) for line in re.sub(r"\n {8,}", " ", shown).splitlines()}
    async with demo("--dir", str(tmp_path)) as (process, place):
        assert process.stdout
        told: list[str] = []
        async with asyncio.timeout(PATIENCE_S):
            async for line in process.stdout:
                told.append(line.decode().rstrip("\n"))
                if EVERY_ORDER in told[-1]:
                    break
        order = re.search(r"order (\d+): the courier has it as", "\n".join(told))
        assert order
        socket = str(place / "control.sock")
        show = await run("paranadctl", "--socket", socket, "--lang", "en", "shipments", "show", order[1])
        process.terminate()
        await process.communicate()
    assert set() == shown_lines - {shape(line) for line in told}
    assert shape(show) == shape(output_of("README.md", "paranadctl shipments show 2"))
