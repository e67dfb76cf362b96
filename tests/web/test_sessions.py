"""A session lasts while it is used, ends by itself, and nobody else can use it."""

from datetime import timedelta

import pytest

from paranad.web.sessions import IDLE, LONGEST, MOST, Sessions, Tokens
from tests.web.visitor import Watch


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_forgotten_session_ends_after_half_an_hour(watch: Watch) -> None:
    sessions = Sessions(watch)
    id_, session = sessions.open()
    watch.pass_(IDLE - timedelta(seconds=1))
    assert session is sessions.of(id_)
    watch.pass_(timedelta(seconds=1))
    assert sessions.of(id_) is None
    assert not sessions.lasts(session)
    assert 0 == len(sessions)


def test_used_session_lasts_twelve_hours_and_no_longer(watch: Watch) -> None:
    sessions = Sessions(watch)
    id_, session = sessions.open()
    for _ in range(LONGEST // (IDLE / 2) - 1):
        watch.pass_(IDLE / 2)
        sessions.use(session)
        assert sessions.of(id_)
    watch.pass_(IDLE / 2)
    assert sessions.of(id_) is None


def test_looking_a_session_up_is_no_use_of_it(watch: Watch) -> None:
    """A forgotten page renews itself: that must not keep it open."""
    sessions = Sessions(watch)
    id_, _ = sessions.open()
    for _ in range(6):
        watch.pass_(IDLE / 6)
        found = sessions.of(id_)
    assert found is None


def test_the_uid_that_opened_it_is_kept() -> None:
    sessions = Sessions()
    id_, _ = sessions.open(1000)
    found = sessions.of(id_)
    assert found
    assert 1000 == found.caller


def test_asking_whether_a_token_fits_uses_nothing_up() -> None:
    tokens = Tokens()
    token = tokens.new()
    assert [True, True, True] == [tokens.fits(token), tokens.fits(token), tokens.use(token)]
    assert [False, False] == [tokens.fits(token), tokens.use(token)]


def test_one_session_too_many_ends_the_one_unused_for_longest(watch: Watch) -> None:
    sessions = Sessions(watch)
    opened = [sessions.open() for _ in range(MOST)]
    watch.pass_(timedelta(minutes=1))
    for _, session in opened[1:]:
        sessions.use(session)
    new, _ = sessions.open()
    assert MOST == len(sessions)
    assert sessions.of(opened[0][0]) is None
    assert all(sessions.of(id_) for id_, _ in opened[1:])
    assert sessions.of(new)


def test_after_signing_out_the_others_stay() -> None:
    sessions = Sessions()
    (one, first), (other, _) = sessions.open(), sessions.open()
    sessions.end(first)
    assert sessions.of(one) is None
    assert sessions.of(other)


def test_ids_and_keys_are_long_different_and_not_kept() -> None:
    sessions = Sessions()
    opened = [sessions.open() for _ in range(20)]
    secrets = {id_ for id_, _ in opened} | {session.key for _, session in opened}
    assert 40 == len(secrets)
    assert {43} == {len(each) for each in secrets}, "256 bits in base64"
    assert not [id_ for id_, _ in opened if id_ in repr(vars(sessions))]


def test_token_opens_once() -> None:
    tokens = Tokens()
    token = tokens.new()
    assert not tokens.use(token[:-1])
    assert not tokens.use("")
    assert tokens.use(token)
    assert not tokens.use(token)


def test_new_token_takes_the_place_of_the_last() -> None:
    tokens = Tokens()
    old, new = tokens.new(), tokens.new()
    assert not tokens.use(old)
    assert tokens.use(new)


def test_token_that_nobody_used_ends(watch: Watch) -> None:
    tokens = Tokens(watch)
    token = tokens.new()
    watch.pass_(timedelta(hours=12))
    assert not tokens.use(token)


def test_nothing_but_a_token_is_taken() -> None:
    tokens = Tokens()
    assert not tokens.use("")
    tokens.new()
    assert not tokens.use("\ud800é\0")
