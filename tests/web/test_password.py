"""A password is kept as a hash that nobody else reads, and can be tried so often and no more."""

import grp
import os
import stat
from pathlib import Path

import pytest

from paranad.errors import NotPermitted, RequestError
from paranad.web.password import (
    ALL_TRIES,
    FORGIVEN_S,
    FREE_TRIES,
    LONGEST_WAIT_S,
    ONE_MORE_S,
    Limiter,
    fits,
    hashed,
    keep,
)
from tests.web.visitor import Watch

PASSWORD = "a long way home"
OURS = grp.getgrgid(os.getgid()).gr_name


def test_it_is_kept_as_a_hash_with_salt_and_parameters() -> None:
    line, other = hashed(PASSWORD), hashed(PASSWORD)
    assert line.startswith("scrypt$32768$8$3$")
    assert line != other
    assert fits(PASSWORD, line)
    assert fits(PASSWORD, f"{other}\n")
    assert not fits(PASSWORD + " ", line)
    assert not fits("", line)


def test_the_same_letters_of_another_keyboard_are_the_same_password() -> None:
    line = hashed("كلمة المرور \u0622 é")
    assert fits("كلمة المرور \u0627\u0653 e\u0301", line)


@pytest.mark.parametrize("line", ["", "scrypt", "scrypt$a$b$c$d$e", "scrypt$32768$8$3$!$!", "plain$1$1$1$YQ==$YQ=="])
def test_nonsense_in_its_file_lets_nobody_in(line: str) -> None:
    assert not fits(PASSWORD, line)
    assert not fits("", line)


def test_parameters_that_would_take_all_memory_let_nobody_in() -> None:
    assert not fits(PASSWORD, hashed(PASSWORD).replace("$32768$", "$1073741824$"))


def test_its_file_is_written_whole_and_for_one_group_alone(tmp_path: Path) -> None:
    file = tmp_path / "web.password"
    keep(PASSWORD, file, OURS)
    assert fits(PASSWORD, file.read_text())
    assert (0o640, os.getgid()) == (stat.S_IMODE(file.stat().st_mode), file.stat().st_gid)
    keep("another long way", file, OURS)
    assert not fits(PASSWORD, file.read_text())
    assert [file] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("password", "group", "why"),
    [
        ("short", OURS, "at least 12 characters, got 5"),
        ("x" * 1025, OURS, "at most 1024 bytes"),
        (PASSWORD, "no-such-group", "paranad-web.service is not installed here"),
    ],
)
def test_what_cannot_be_kept_is_named(tmp_path: Path, password: str, group: str, why: str) -> None:
    with pytest.raises(RequestError, match=why):
        keep(password, tmp_path / "web.password", group)
    assert [] == list(tmp_path.iterdir())


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotPermitted, match="cannot be written"):
        keep(PASSWORD, tmp_path / "none" / "web.password", OURS)


def test_wait_of_an_address_grows_to_five_minutes_and_is_forgotten() -> None:
    watch = Watch()
    limiter = Limiter(watch)
    assert [0.0] * FREE_TRIES == [limiter.begin("a") for _ in range(FREE_TRIES)]
    waits = []
    for _ in range(12):
        waits.append(limiter.begin("a"))
        assert waits[-1] == limiter.begin("a"), "asking too early does not put it off"
        watch.s += waits[-1]
        assert 0.0 == limiter.begin("a")
    assert [2, 4, 8, 16, 32, 64, 128, 256, *[LONGEST_WAIT_S] * 4] == waits
    watch.s += FORGIVEN_S
    assert 0.0 == limiter.begin("a")
    assert 1 == limiter.failures("a")


def test_right_password_clears_the_address() -> None:
    limiter = Limiter(Watch())
    for _ in range(FREE_TRIES):
        limiter.begin("a")
    limiter.forgive("a")
    assert 0.0 == limiter.begin("a")


def test_all_addresses_together_have_a_bound() -> None:
    watch = Watch()
    limiter = Limiter(watch)
    assert {0.0} == {limiter.begin(f"10.0.0.{number}") for number in range(ALL_TRIES)}
    assert ONE_MORE_S == limiter.begin("10.1.1.1")
    watch.s += ONE_MORE_S
    assert 0.0 == limiter.begin("10.1.1.1")
    assert 0.0 < limiter.begin("10.1.1.2")


def test_who_tries_from_everywhere_does_not_keep_the_owner_s_browser_out() -> None:
    limiter = Limiter(Watch())
    for number in range(10 * ALL_TRIES):
        limiter.begin(f"10.0.{number}.1")
    assert 0.0 == limiter.begin("the owner's browser", known=True)


def test_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paranad.web.password.MOST_NAMES", 3)
    limiter = Limiter(Watch())
    for number in range(5):
        limiter.begin(str(number))
    assert [0, 0, 1, 1, 1] == [limiter.failures(str(number)) for number in range(5)]
