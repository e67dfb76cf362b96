import os
import re
import subprocess

import pytest

from etc.manual.tree import operator_tree
from paranad.cli.app import run
from paranad.cli.help import ALONE, HELP, STATES
from paranad.cli.language import Language, asked_for, spoken
from paranad.text import LRI, PDI
from tests.cli.conftest import Ctl
from tests.cli.test_main import PARANADCTL
from tests.support import answers
from tests.support.control_stand_in import StandIn


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "ar_IQ.UTF-8"}, "ar"),
        ({"LANG": "ar"}, "ar"),
        ({"LANG": "ar_EG@latin"}, "ar"),
        ({"LANG": "AR_iq.utf8"}, "ar"),
        ({"LC_ALL": "ar_IQ.UTF-8", "LANG": "en_US.UTF-8"}, "ar"),
        ({"LC_MESSAGES": "ar_IQ.UTF-8", "LANG": "en_US.UTF-8"}, "ar"),
        ({"LC_ALL": "C.UTF-8", "LC_MESSAGES": "ar_IQ.UTF-8", "LANG": "ar_IQ.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "ar_IQ.UTF-8"}, "ar"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "arn_CL.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_TIME": "ar_IQ.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_language_is_that_of_the_locale(environ: dict[str, str], language: str) -> None:
    assert language == spoken(None, environ)


@pytest.mark.parametrize("asked", list(Language))
def test_asked_language_beats_the_locale(asked: Language) -> None:
    assert asked == spoken(asked, {"LC_ALL": "ar_IQ.UTF-8", "LANG": "en_US.UTF-8"})


def test_asked_language_that_is_none_leaves_the_locale() -> None:
    assert Language.ARABIC == spoken("fr", {"LANG": "ar_IQ.UTF-8"})


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("--lang ar status", "ar"),
        ("--json --lang=en status", "en"),
        ("--lang ar --lang en status", "en"),
        ("status", None),
        ("--lang", ""),
        ("run t -- --lang ar", None),
    ],
)
def test_language_is_read_before_the_command_line_is(typed: str, asked: str | None) -> None:
    assert asked == asked_for(typed.split())


@pytest.mark.parametrize("typed", ["--lang ar status", "status --lang=ar"])
def test_command_speaks_the_asked_language(ctl: Ctl, daemon: StandIn, typed: str) -> None:
    daemon.answer("GET", "status", answers.status())
    assert "الطوابير (المنفّذون المشغولون 0 من 10)" in ctl(*typed.split()).out


def test_lang_beats_the_environment(ctl: Ctl, daemon: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon.answer("GET", "status", answers.status())
    monkeypatch.setenv("LANG", "ar_IQ.UTF-8")
    assert "الطوابير" in ctl("status").out
    assert "Queues (" in ctl("status", "--lang", "en").out


@pytest.mark.parametrize("typed", ["--lang fr status", "status --lang fr", "status --lang="])
def test_unknown_language_is_wrong_usage_that_names_the_known(ctl: Ctl, typed: str) -> None:
    ran = ctl(*typed.split())
    assert ran.code == 2
    assert "expected one of en, ar" in ran.err


def test_wrong_usage_says_in_arabic_where_to_look(ctl: Ctl) -> None:
    ran = ctl("--lang", "ar", "statsu")
    assert ran.code == 2
    assert ran.err == "paranadctl: لا يوجد أمر باسم «statsu»؛ هل تقصد 'status'؟\nللمساعدة: paranadctl --help\n"
    assert "لا يوجد أمر باسم «»\n" in ctl("--lang", "ar", "").err
    ran = ctl("--lang", "ar", "jobs", "show", "x")
    assert 'paranadctl: قيمة خاطئة في ID: المتوقع عدد صحيح موجب، وجاء "x"\n' in ran.err


def test_option_that_lacks_its_value_is_told_in_the_language_asked_for(ctl: Ctl) -> None:
    ran = ctl("--lang", "ar", "status", "--socket")
    assert ran.err.startswith("paranadctl: الخيار --socket يحتاج إلى قيمة\n")


def test_json_is_the_same_in_every_language(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "status", answers.status(notes=["بدون"]))
    assert ctl("status", "--json").out == ctl("status", "--json", "--lang", "ar").out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "iso8859-6", "utf-8"])
def test_arabic_crashes_in_no_encoding(daemon: StandIn, encoding: str) -> None:
    daemon.answer("GET", "status", answers.status())
    environ = {**os.environ, "LC_ALL": "ar_IQ", "PYTHONIOENCODING": encoding}
    ran = subprocess.run([*PARANADCTL, "status"], capture_output=True, env=environ, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    has_arabic = encoding in {"iso8859-6", "utf-8"}
    assert ("الجدول" if has_arabic else "Schedule") in ran.stdout.decode(encoding)


def test_english_loads_no_arabic(daemon: StandIn) -> None:
    daemon.answer("GET", "status", answers.status())
    program = (
        "import sys\nfrom paranad.cli.main import main\ntry: main()\n"
        "finally: print([name for name in sys.modules if 'arabic' in name])"
    )
    ran = subprocess.run([PARANADCTL[0], "-c", program, "status"], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("[]\n")


def test_help_of_every_command_is_in_arabic_too() -> None:
    said = {
        " ".join(sentence.split()).removesuffix(ALONE[0])
        for command in operator_tree().walk()
        for sentence in (command.help, *(word.help for word in (*command.arguments, *command.options)))
    }
    english = {re.sub(r" *\[default: .*", "", each) for each in said if not STATES.fullmatch(each)}
    assert english == set(HELP)


def test_help_in_arabic_says_its_labels_in_arabic(ctl: Ctl) -> None:
    shown = ctl("--lang", "ar", "jobs", "list", "--help").out
    assert "الاستعمال: paranadctl jobs list [OPTIONS]\n" in shown
    assert re.search(r"--limit N +العدد الأقصى. +\[الافتراضي: 25\]\n", shown)
    assert "Options" not in shown.replace("[OPTIONS]", "")
    assert "رموز الخروج: 0 تم" in " ".join(ctl("--lang", "ar").out.split())


@pytest.mark.parametrize(
    ("command", "apart"),
    [
        (["dispatch"], ["90s", "2h", "true", "carts:expire", "paranadctl dispatch [OPTIONS] {TASK} [key=value]..."]),
        (["logs"], ['"2026-03-01 14:00"', "paranadctl logs -f --job 4812"]),
        (["retry"], ["all", "paranadctl retry [OPTIONS] {ID|all}..."]),
        ([], ["--socket PATH", "--lang en|ar", "Ctrl-C"]),
    ],
)
def test_what_is_typed_is_read_from_left_to_right_in_arabic_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str], apart: list[str]
) -> None:
    monkeypatch.setattr("paranad.cli.app.is_terminal", lambda _: True)
    run(["--lang", "ar", *command, "--help"])
    shown = capsys.readouterr().out
    assert not [each for each in apart if f"{LRI}{each}{PDI}" not in shown]


def test_every_command_is_still_declared_in_english() -> None:
    assert all(command.help.isascii() for command in operator_tree().walk())
