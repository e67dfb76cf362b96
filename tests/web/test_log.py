"""Page Log: what journalctl answers, and what the page says where it cannot."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from paranad.cli.commands import logs
from tests.support import answers
from tests.support.control_stand_in import StandIn
from tests.web.conftest import opened

TRACEBACK = 'job.failed job_id=77 error=boom\nTraceback:\n  File "x"'
LINES: list[dict[str, Any]] = [
    {"PRIORITY": "3", "PARANAD_JOB_ID": "77", "MESSAGE": TRACEBACK},
    {"PRIORITY": "4", "PARANAD_ORDER_ID": "318", "MESSAGE": list(b"shipment.held \x1b[31m<b>")},
    {"PRIORITY": "6", "MESSAGE": "daemon.ready"},
    {"MESSAGE": None},
]
PROGRAM = """#!{python}
import json, sys
json.dump(sys.argv[1:], open({asked!r}, "w"))
for line in {lines!r}:
    print(json.dumps(line))
print("no JSON")
"""


def asked_in(file: Path) -> list[str]:
    return list(json.loads(file.read_text())) if file.exists() else []


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journalctl that answers as that of systemd 252 does; gives the file with what it was asked."""
    asked = tmp_path / "asked"
    lines = [{"__REALTIME_TIMESTAMP": str(1772442000000000 + number), **line} for number, line in enumerate(LINES)]
    program = tmp_path / "bin" / "journalctl"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(python=sys.executable, asked=str(asked), lines=lines))
    program.chmod(0o755)
    kept = tmp_path / "journal" / "0123" / "system.journal"
    kept.parent.mkdir(parents=True)
    kept.touch()
    monkeypatch.setattr(logs, "FOLDERS", (tmp_path / "journal", tmp_path / "none"))
    monkeypatch.setenv("PATH", str(program.parent))
    return asked


async def test_log_shows_the_lines_with_what_they_are_about(stand_in: StandIn, journal: Path) -> None:
    stand_in.answer("GET", "status", answers.status())
    async with opened(stand_in.path) as browser:
        page = (await browser.get("/log")).text
    assert 'href="/jobs/77"' in page
    assert 'href="/orders/318"' in page
    assert '<pre dir="ltr">job.failed job_id=77 error=boom\nTraceback:\n  File &quot;x&quot;</pre>' in page
    assert "shipment.held \\x1b[31m&lt;b&gt;" in page
    assert "12:00:00" in page, "by the clock of the daemon's zone"


async def test_log_asks_for_what_is_filtered(stand_in: StandIn, journal: Path) -> None:
    stand_in.answer("GET", "status", answers.status())
    query = {"level": "warning", "task": "x; rm -rf /", "job": "٤٨١٢", "order": "318", "since": "2h"}
    async with opened(stand_in.path) as browser:
        await browser.get("/log", params=query)
    assert asked_in(journal)[-5:] == [
        "--priority=warning",
        "--since=-2h",
        "PARANAD_TASK=x; rm -rf /",
        "PARANAD_JOB_ID=4812",
        "PARANAD_ORDER_ID=318",
    ]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("level=loud", "expected one of debug, info, warning, error"),
        ("since=soon", "expected how long ago"),
        ("job=-1", "expected a whole number"),
        ("order=1%00", "expected a whole number"),
    ],
)
async def test_filter_of_nonsense_is_a_sentence(stand_in: StandIn, journal: Path, query: str, said: str) -> None:
    stand_in.answer("GET", "status", answers.status())
    async with opened(stand_in.path) as browser:
        answer = await browser.get(f"/log?{query}")
    assert answer.status_code == 200
    assert said in answer.text
    assert asked_in(journal) == [], "journalctl was not asked"


async def test_machine_without_a_journal_says_where_the_log_is(
    stand_in: StandIn, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.answer("GET", "status", answers.status())
    monkeypatch.setenv("PATH", "/nowhere")
    async with opened(stand_in.path) as browser:
        answer = await browser.get("/log")
    assert answer.status_code == 200
    assert "the daemon&#x27;s log is where its standard error goes" in answer.text


async def test_journalctl_that_refuses_is_a_sentence(stand_in: StandIn, journal: Path, tmp_path: Path) -> None:
    stand_in.answer("GET", "status", answers.status())
    (tmp_path / "bin" / "journalctl").write_text("#!/bin/sh\necho 'Failed to parse timestamp' >&2\nexit 1\n")
    async with opened(stand_in.path) as browser:
        answer = await browser.get("/log")
    assert answer.status_code == 200
    assert "journalctl does not do that: Failed to parse timestamp" in answer.text


async def test_order_and_job_show_their_lines(stand_in: StandIn, journal: Path) -> None:
    stand_in.answer("GET", "status", answers.status())
    stand_in.answer("GET", "jobs/12", answers.job(12))
    stand_in.answer("GET", "orders/318", answers.order())
    async with opened(stand_in.path) as browser:
        page = (await browser.get("/orders/318")).text
        assert 'href="/log?job=12"' in (await browser.get("/jobs/12")).text
    assert page.index("daemon.ready") < page.index("job.failed job_id=77"), "in the order of time"
    assert asked_in(journal)[-1] == "PARANAD_ORDER_ID=318"
