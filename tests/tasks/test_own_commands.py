"""`[command]` tables as they are read and judged: every wrong one with its key and its cure."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from paranad.configured import Configuration, load
from paranad.schedule.silence import GRACE, expected_by

TRUE = 'command = ["/bin/true"]\n'
WITH_ARGS = f'[command."invoices:send"]\n{TRUE}args = ["order_id"]\ntimeout = "5h"\n'


def read(folder: Path, text: str) -> Configuration:
    file = folder / "paranad.toml"
    file.write_text(f'[shop]\ndatabase_url = "sqlite:////srv/shop/database.sqlite"\n{text}')
    return load(file, {})


def problems(folder: Path, text: str) -> list[str]:
    return [str(problem).removeprefix("paranad.toml: ") for problem in read(folder, text).problems]


def test_a_command_needs_no_more_than_its_program(tmp_path: Path) -> None:
    read_ = read(tmp_path, f'[command."invoices:send"]\n{TRUE}')
    assert [] == read_.problems
    own = read_.settings.command["invoices:send"]
    assert (("/bin/true",), (), 1, "") == (own.command, own.args, own.tries, own.queue)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "command: expected a list of texts, the program first, got nothing; write command = "),
        ('command = ["bin/send"]', 'command: expected the program\'s absolute path first, got "bin/send"'),
        (
            'command = "/bin/true"',
            'command: expected a list of texts, the program first, got "/bin/true"; write command',
        ),
        (TRUE + 'args = "order_id"', "args: expected a list of at most 50 different names of letters, digits, _ and -"),
        (TRUE + 'args = ["order id"]', "args: expected a list of at most 50 different names"),
        (TRUE + 'args = ["a", "a"]', "name each argument once"),
        (TRUE + 'queue = "hihg"', 'queue: expected the name of a queue, got "hihg"; did you mean "high"?'),
        (TRUE + "tries = 0", "tries: expected a whole number from 1 to 100, got 0; write tries = 1"),
        (TRUE + 'timeout = "soon"', 'timeout: expected a duration from 1s to 1d, got "soon"; write timeout = "1h"'),
        (TRUE + "trys = 2", 'unknown key "trys" in [command.x]; did you mean "tries"?'),
        ('command = ["/bin/echo", "{date}"]', 'expected no "{date}", since only the command of a schedule entry'),
        ('command = ["/bin/echo", "-n{n}"]\nargs = ["n"]', 'expected no "{n}", since its arguments arrive as one JSON'),
    ],
)
def test_a_wrong_command_is_named_with_its_cure(tmp_path: Path, text: str, expected: str) -> None:
    (found,) = problems(tmp_path, f"[command.x]\n{text}\n")
    assert expected in found


def test_the_name_of_a_task_of_the_shop_is_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, f'[command."carts:expire"]\n{TRUE}')
    assert '[command."carts:expire"] command: expected a name of its own, got that of a task of the shop' in found


def test_the_php_worker_takes_no_arguments(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, f'[command."php:work"]\n{TRUE}args = ["queues"]')
    assert '[command."php:work"] args: expected none, since the daemon asks for this task by itself' in found


@pytest.mark.parametrize(
    ("words", "got"),
    [
        ('"--queue=php:high"', "without php:default"),
        ('"--queue", "default,high"', "without php:high, php:default"),
        ('"queue:work"', "without php:high, php:default"),
        ('"--queue=php:high,php:default,default"', "with default, whose rows the daemon works"),
        ('"--queue=php:default,php:high"', None),
        ('"queue:work", "--queue", "php:high,php:default"', None),
        ('"work.sh"', None),
    ],
)
def test_a_php_worker_of_other_queues_than_php_s_is_refused_with_the_words_to_write(
    tmp_path: Path, words: str, got: str | None
) -> None:
    found = problems(tmp_path, f'[command."php:work"]\ncommand = ["/bin/true", {words}]')
    told = f"expected a --queue of all of PHP's queues alone, got one {got}; write --queue=php:high,php:default"
    assert [told] * bool(got) == [problem.partition(" command: ")[2] for problem in found]


@pytest.mark.parametrize(("mode", "got"), [(None, "no such file"), (0o600, "one that may not be executed")])
def test_a_command_that_is_missing_or_not_executable_is_refused_and_bearable_at_a_start(
    tmp_path: Path, mode: int | None, got: str
) -> None:
    program = tmp_path / "send"
    if mode:
        program.write_text("#!/bin/sh\n")
        program.chmod(mode)
    configuration = read(tmp_path, f'[command.x]\ncommand = ["{program}"]\n')
    (found,) = configuration.problems
    assert f"[command.x] command: expected a program, got {got}: " in str(found)
    assert "x" in configuration.usable(starting=True).settings.command


def test_an_entry_of_its_name_runs_it_with_its_arguments(tmp_path: Path) -> None:
    entry = '[schedule."invoices:send"]\ncron = "0 8 * * *"\nargs = { order_id = 12 }\n'
    configuration = read(tmp_path, WITH_ARGS + entry)
    assert [] == configuration.problems
    (made,) = [each for each in configuration.entries if each.name == "invoices:send"]
    assert ("invoices:send", {"order_id": 12}, None) == (made.task, made.args, made.command)
    eight = datetime(2026, 3, 2, 8, tzinfo=made.cron.zone)
    assert timedelta(hours=24 + 5) + GRACE == expected_by(made, eight) - eight, "its run may take five hours"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", "args: expected order_id in it, got none; write args = { order_id = … }"),
        ("args = { order_id = 1, orderid = 2 }", 'args: expected no "orderid", since [command."invoices:send"] takes'),
        (
            "args = 12",
            "args: expected a table of the arguments that the command of this name takes, got (hidden); write args",
        ),
        ("args = { order_id = 2026-03-01 }", "args: expected a table of the arguments"),
        ("args = { order_id = 1 }\n" + TRUE, 'command: expected none, since [command."invoices:send"] has one'),
        ("args = { order_id = 1 }\ntries = 2", "tries: expected only beside a command"),
        ('args = { order_id = 1 }\noverlap = "allow"', 'overlap: expected "skip" or "queue-one", got "allow"'),
    ],
)
def test_an_entry_that_cannot_run_it_is_refused(tmp_path: Path, lines: str, expected: str) -> None:
    (found,) = problems(tmp_path, f'{WITH_ARGS}[schedule."invoices:send"]\ncron = "0 8 * * *"\n{lines}\n')
    assert expected in found


def test_arguments_for_a_task_that_takes_none_are_refused(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, '[schedule."carts:expire"]\nargs = { order_id = 1 }\n')
    assert 'args: expected only beside the task of a [command."carts:expire"]; take the line out' in found


def test_a_wrong_command_is_no_second_problem_of_its_entry(tmp_path: Path) -> None:
    entry = '[schedule."invoices:send"]\ncron = "0 8 * * *"\n'
    (found,) = problems(tmp_path, f"{WITH_ARGS}tries = 0\n{entry}")
    assert "tries" in found


def test_commands_stand_in_the_main_file_alone(tmp_path: Path) -> None:
    (tmp_path / "schedule.d").mkdir()
    (tmp_path / "schedule.d" / "own.toml").write_text(WITH_ARGS)
    (found,) = problems(tmp_path, "")
    assert 'schedule.d/own.toml: unknown key "command"; files in schedule.d hold' in found
