"""What would do the daemon's work a second time, on a machine made of files."""

import os
from pathlib import Path

import pytest

from paranad.cli.doctor.twice import DoubleWork
from paranad.finding import Found

SECRET = "pass-5ecret"
RUN = f"php artisan schedule:run --token={SECRET} >> /dev/null 2>&1"
WORK = "php /srv/shop/artisan queue:work database --sleep=3 --tries=3"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine with this shop in /srv/shop, and another Laravel program in /srv/blog."""
    for name in ("srv/shop/app/Jobs", "srv/blog", "etc", "proc"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "srv/shop/app/Jobs/CreateAlWaseetShipmentJob.php").touch()
    return tmp_path


def put(root: Path, name: str, text: str) -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def process(root: Path, pid: int, words: list[str], folder: str = "srv/shop") -> None:
    put(root, f"proc/{pid}/cmdline", "\0".join(words) + "\0")
    (root / f"proc/{pid}/cwd").symlink_to(root / folder)
    (root / f"proc/{pid}/root").symlink_to(root)


def look(root: Path) -> list[Found]:
    findings = list(DoubleWork(root).look())
    assert SECRET not in str(findings)
    return findings


def test_machine_where_nothing_else_works_is_good(root: Path) -> None:
    put(root, "etc/crontab", f"# * * * * * root {WORK}\n17 * * * * root cd / && run-parts /etc/cron.hourly\n")
    put(root, "etc/supervisor/conf.d/redis.conf", "[program:redis]\ncommand=redis-server\n")
    process(root, 7, ["php-fpm: pool www"])
    assert ["twice-nothing"] == [finding.code for finding in look(root)]


@pytest.mark.parametrize(
    "line",
    [
        f"* * * * * www-data cd /srv/shop && {RUN}",
        "* * * * * root cd '/srv/shop' && /usr/bin/php8.2 artisan schedule:run",
        "*/5 * * * * www-data /usr/bin/php -q /srv/shop/artisan --quiet schedule:run",
        f"* * * * * root flock -n /tmp/q {WORK} --stop-when-empty",
    ],
)
def test_crontab_line_of_this_shop_is_failed_with_its_place(root: Path, line: str) -> None:
    put(root, "etc/crontab", f"SHELL=/bin/sh\n\n{line}\n")
    [finding] = look(root)
    assert ("crontab-twice", "failed", "/etc/crontab", "3") == (
        finding.code,
        finding.outcome,
        finding.values["file"],
        finding.values["line"],
    )


@pytest.mark.parametrize("file", ["etc/cron.d/shop", "var/spool/cron/crontabs/www-data", "var/spool/cron/www-data"])
def test_every_user_s_crontab_is_looked_at(root: Path, file: str) -> None:
    put(root, file, f"* * * * * cd /srv/shop && {RUN}\n")
    [finding] = look(root)
    assert ("crontab-twice", f"/{file}") == (finding.code, finding.values["file"])


@pytest.mark.parametrize("where", ["cd /srv/blog && ", "cd /nowhere && ", "cd $SHOP && ", ""])
def test_crontab_line_that_may_be_another_shop_s_is_a_warning(root: Path, where: str) -> None:
    put(root, "etc/crontab", f"* * * * * www-data {where}{RUN}\n")
    [finding] = look(root)
    assert ("crontab-perhaps-twice", "warning") == (finding.code, finding.outcome)


@pytest.mark.parametrize(
    "line",
    [
        "* * * * * root paranadctl schedule:run",
        "* * * * * root cd /srv/shop && php artisan queue:prune-failed",
        "* * * * * root cd /srv/shop && php artisan schedule:run:later",
        "0 3 * * * root cd /srv/shop && php artisan queue:worker-report",
    ],
)
def test_other_crontab_lines_are_left_alone(root: Path, line: str) -> None:
    put(root, "etc/crontab", f"{line}\n")
    assert ["twice-nothing"] == [finding.code for finding in look(root)]


@pytest.mark.parametrize(
    ("queues", "codes"),
    [
        ("--queue=php:high,php:default", ["twice-nothing"]),
        ("--tries=3 --queue 'php:default' --sleep=3", ["twice-nothing"]),
        ("--queue=php:high,default", ["crontab-twice", "process-twice"]),
        ("--queue=default,php:default", ["crontab-twice", "process-twice"]),
        ("--queue=default && php artisan queue:work --queue=php:high", ["crontab-twice", "process-twice"]),
    ],
)
def test_worker_for_what_is_set_apart_for_php_does_nothing_twice(root: Path, queues: str, codes: list[str]) -> None:
    put(root, "etc/crontab", f"* * * * * www-data cd /srv/shop && php artisan queue:work {queues}\n")
    process(root, 7, ["php", "/srv/shop/artisan", "queue:work", *queues.replace("'", "").split(" && ")[0].split()])
    assert codes == [finding.code for finding in look(root)]


SUPERVISED = f"""
[supervisord]
logfile=/var/log/supervisord.log

[program:laravel-worker]
process_name=%(program_name)s_%(process_num)02d
command={WORK} ; the shop's own
environment=PASSWORD="{SECRET}"

[program:laravel-schedule]
directory=/srv/shop
command=bash -c "while true; do php artisan schedule:run; sleep 60; done"
"""


@pytest.mark.parametrize("file", ["etc/supervisor/conf.d/shop.conf", "etc/supervisord.d/shop.ini"])
def test_supervisor_programs_are_failed_by_name(root: Path, file: str) -> None:
    put(root, file, SUPERVISED)
    worker, schedule = look(root)
    assert ("supervisor-twice", "laravel-worker", "queue:work") == (
        worker.code,
        worker.values["name"],
        worker.values["command"],
    )
    assert ("supervisor-twice", "laravel-schedule") == (schedule.code, schedule.values["name"])
    assert f"supervisorctl stop laravel-worker; take it out of /{file}" in str(worker.cure)


def test_supervisor_file_that_cannot_be_read_is_said(root: Path) -> None:
    put(root, "etc/supervisord.conf", "no section\n")
    [finding] = look(root)
    assert ("twice-unread", "/etc/supervisord.conf") == (finding.code, finding.values["paths"])


def test_service_is_failed_by_name(root: Path) -> None:
    text = "[Service]\nWorkingDirectory=/srv/shop\nExecStart=/usr/bin/php artisan queue:work\nRestart=always\n"
    put(root, "etc/systemd/system/shop-queue.service", text)
    [finding] = look(root)
    assert ("service-twice", "shop-queue.service") == (finding.code, finding.values["name"])


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["php", "artisan", "queue:work", f"--token={SECRET}"], "queue:work"),
        (["/usr/bin/php8.2", "/srv/shop/artisan", "-q", "schedule:work"], "schedule:work"),
    ],
)
def test_running_worker_of_this_shop_is_failed_with_its_pid(root: Path, words: list[str], command: str) -> None:
    process(root, 4812, words)
    [finding] = look(root)
    assert ("process-twice", "4812", command) == (finding.code, finding.values["pid"], finding.values["command"])


def test_running_worker_of_another_program_is_a_warning(root: Path) -> None:
    process(root, 4812, ["php", "artisan", "queue:work"], folder="srv/blog")
    assert ["process-perhaps-twice"] == [finding.code for finding in look(root)]


@pytest.mark.parametrize(
    "words",
    [
        ["sh", "-c", "php artisan queue:work"],
        ["grep", "artisan queue:work"],
        ["php", "artisan", "tinker"],
        ["php", "artisan"],
        [""],
    ],
)
def test_processes_that_only_speak_of_it_are_left_alone(root: Path, words: list[str]) -> None:
    process(root, 4812, words)
    assert ["twice-nothing"] == [finding.code for finding in look(root)]


def test_process_that_ends_meanwhile_is_no_trouble(root: Path) -> None:
    (root / "proc/99").mkdir()
    assert ["twice-nothing"] == [finding.code for finding in look(root)]


def test_what_may_not_be_read_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = root / "var/spool/cron/crontabs"
    folder.mkdir(parents=True)
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder and access(path, mode))
    [finding] = look(root)
    assert ("twice-unread", "/var/spool/cron/crontabs", "sudo paranadctl doctor") == (
        finding.code,
        finding.values["paths"],
        str(finding.cure),
    )
