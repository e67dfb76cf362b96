"""What went wrong, in words: with a request, for every kind of error, and with the command line itself."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from paranad import exits
from paranad.cli.language import Language
from paranad.cli.parsing import Page, WrongUsage
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import Phrase, say
from paranad.cli.session import Json, tell, write_document
from paranad.cli.usage import usage_line
from paranad.cli.words import said_words, values_of
from paranad.errors import ConfigurationError, DaemonUnreachable, InvalidRequest, ParanadError


class ErrorKind(NamedTuple):
    """Why an error of a kind comes about, and what to do; no cure: the message says what was expected."""

    cause: str
    cure: str | None
    said: bool = False
    """True: the English message of the error names the cause and the cure itself."""


LIST = "paranadctl jobs list, paranadctl schedule, paranadctl shipments list name what there is"
WATCH_SHOP = "paranadctl status says how the shop stands; see that its database is up, then try again"
WATCH_COURIER = "paranadctl status says how the courier stands; see that it answers, then try again"
ASK_GROUP = "ask to be added to the group paranad, then log in again; or use sudo"
START = "start it: systemctl start paranad; or name another socket: --socket PATH"

KINDS: Mapping[str, ErrorKind] = {
    "internal": ErrorKind("a defect of the program", "see `journalctl -u paranad`, and report it"),
    "configuration": ErrorKind(
        "the configuration cannot be used as it stands; the old one stays in force",
        "correct what is named above; `paranad check` reads it without a daemon",
        said=True,
    ),
    "state": ErrorKind(
        "the state directory or queue.db cannot be used",
        "see that its disk is there and that the daemon's user may write it: paranadctl status",
    ),
    "state-locked": ErrorKind("another daemon holds the state directory", "stop one of the two", said=True),
    "state-full": ErrorKind(
        "the disk of queue.db is full or failing; nothing was stored", "make room on it (`df -h`), then ask again"
    ),
    "state-gone": ErrorKind(
        "queue.db is gone while the daemon runs; nothing was stored",
        "stop and start the daemon, which writes it back: systemctl restart paranad",
        said=True,
    ),
    "state-damaged": ErrorKind(
        "queue.db is damaged and is left as it is", "stop the daemon and restore the last backup; keep the damaged file"
    ),
    "state-from-future": ErrorKind(
        "queue.db was written by a later version of the program", "install that version, or restore a backup", said=True
    ),
    "not-holding": ErrorKind(
        "another daemon may work for this shop, so nothing is begun here",
        "see which one works: paranadctl status",
        said=True,
    ),
    "bad-request": ErrorKind("it was not asked as it should be", None, said=True),
    "invalid": ErrorKind("a value is missing, unknown or out of range", None, said=True),
    "too-large": ErrorKind("what was sent is over the limit", "send it in smaller parts", said=True),
    "unknown-task": ErrorKind("there is no task of that name", None, said=True),
    "unknown-queue": ErrorKind("there is no queue of that name", "paranadctl status names the queues", said=True),
    "bad-arguments": ErrorKind(
        "the task's arguments are missing, too many or wrong", "correct them: paranadctl run TASK key=value", said=True
    ),
    "idempotency-key-reused": ErrorKind("the key came before with another request", "use a new key for a new request"),
    "not-found": ErrorKind("there is no such thing", LIST, said=True),
    "unconfirmed": ErrorKind(
        "the courier does not confirm it", "look the id up in the courier's own list, and write it again", said=True
    ),
    "wrong-state": ErrorKind("its state does not allow that", "look at it first: paranadctl jobs show ID", said=True),
    "other-machine": ErrorKind("another machine does that", None, said=True),
    "not-permitted": ErrorKind("you may not do that", ASK_GROUP, said=True),
    "unavailable": ErrorKind("the daemon cannot do it just now", "paranadctl status says what the daemon waits for"),
    "journal-missing": ErrorKind(
        "this machine keeps no journal of systemd", "look where the daemon's standard error goes", said=True
    ),
    "journal-not-readable": ErrorKind(
        "you may not read the system's journal",
        "use sudo, or be added to its readers: usermod -aG systemd-journal USER; then log in again",
        said=True,
    ),
    "daemon-unreachable": ErrorKind("the daemon does not answer", START, said=True),
    "courier": ErrorKind("the courier did not do what was asked, or may not have", WATCH_COURIER),
    "courier-refused": ErrorKind(
        "the courier did not do it: it cannot be reached, does not take the data, or does not allow it",
        "the message above says which; correct the order, ask AlWaseet, or try again",
    ),
    "courier-unclear": ErrorKind("the courier's answer cannot be trusted", WATCH_COURIER),
    "courier-limited": ErrorKind(
        "the courier's limit of requests is used up", "wait half a minute; paranadctl status shows the limit"
    ),
    "courier-door-closed": ErrorKind(
        "the courier does not answer, so no order is sent to it",
        "wait: it is asked again by itself; paranadctl status says when",
    ),
    "order-late": ErrorKind(
        "the lease on the shop's work is about to end, so no order is sent just now",
        "wait: it is sent by itself once the lease is renewed; paranadctl status shows how it stands",
    ),
    "courier-login-failed": ErrorKind(
        "the courier does not accept the user name and password",
        "correct alwaseet_username and alwaseet_password in the shop's settings",
    ),
    "shop": ErrorKind("the shop's database cannot do what is asked", WATCH_SHOP),
    "shop-unreachable": ErrorKind("the shop's database does not answer", WATCH_SHOP),
    "shop-busy": ErrorKind("another program holds a lock in the shop's database", "try again in a minute"),
    "shop-unexpected-schema": ErrorKind(
        "the shop's database is another one, or its migrations have not run",
        "run the shop's migrations, or correct [shop] database_url",
    ),
    "shop-bad-row": ErrorKind("a row of the shop cannot be read or written as it is", "correct it in the shop"),
    "shop-clock-off": ErrorKind(
        "this machine and the shop's database server disagree on the time", "set both clocks by NTP"
    ),
    "command-failed": ErrorKind("the program of a command failed", "run it by hand to see more"),
    "bad-order": ErrorKind("the order's own data do not make a shipment", "correct the order in the shop"),
    "payload": ErrorKind(
        "a row of the shop's jobs table cannot be read", "it stands in the shop's failed_jobs with the reason"
    ),
}
"""Cause and cure by the kind of the error."""

CURES: Mapping[str, str] = {
    "alert.no_command": "write one in paranad.toml, then: paranadctl reload",
    "setting.not_by_hand": "try a login: paranadctl courier test",
    "usage.nothing_named": "see what there is: paranadctl tasks",
    "usage.no_such_setting": "see what there is: paranadctl settings",
    "socket.start": START,
    "socket.ask_group": ASK_GROUP,
    "socket.see_log": "see `journalctl -u paranad`",
    "control.answer_unexplained": "see `journalctl -u paranad`",
    "socket.other_program": (
        "if the daemon is of another version: systemctl restart paranad; else name another socket: --socket PATH"
    ),
    "socket.correct_variable": "correct the variable or unset it, or name the socket: --socket PATH",
    "state.backup_exists": "name another file",
    "state.backup_unwritten": "name another file",
    "metrics.unwritten": "name a file in a folder that you may write to",
    "shipment.no_row": "see what became of its job: paranadctl jobs list --task alwaseet:create-shipment",
    "shipment.not_settleable": "look at it: paranadctl shipments show {order}",
    "shipment.not_resendable": "look at it: paranadctl shipments show {order}",
    "shipment.unconfirmed": (
        "look the id up in the courier's own list; if you are sure: "
        "paranadctl shipments settle {order_id} --courier-id {courier_id} --yes"
    ),
}
"""What to do about a fact, by its code, if that says more than the cure of the error's kind; with its values."""


def complain(error: ParanadError, language: Language, *, as_json: bool) -> None:
    """Say on standard error what went wrong and what to do: in words, or as the problem that the API answers."""
    if as_json:
        write_document(document_of(error), sys.stderr)
        return
    first, *more = problem_words(error, language)
    tell(sys.stderr, say("paranadctl: {problem}", problem=first.text), first.style, language)
    for line in more:
        tell(sys.stderr, line.text, line.style, language)
    if isinstance(error, DaemonUnreachable):
        tell(sys.stderr, say("why: paranadctl doctor"), Style.DIM, language)


def of_option(error: ParanadError, typed: Sequence[str]) -> ParanadError:
    """Return *error* with the option's name in place of the field's, if it is about a field that an option gave."""
    said, name = error.said, error.said.values.get("name")
    options = {word.partition("=")[0] for word in typed}
    if isinstance(error, InvalidRequest) and f"--{name}" in options and said.text.startswith(f"{name}: "):
        return InvalidRequest(replace(said, values={**said.values, "name": f"--{name}"}, text=f"--{said.text}"))
    return error


def document_of(error: ParanadError) -> Json:
    """Return the problem document (RFC 9457) of *error*, as the API has it."""
    document = problem(error.kind, error.status, str(error))
    if error.said.code:
        document["why"] = error.said.remark()
    if isinstance(error, ConfigurationError):
        document["problems"] = [{"where": w.where, "key": w.key, "message": w.message} for w in error.problems]
    return document


def problem(kind: str, status: int, detail: str) -> dict[str, Json]:
    """Return a problem document."""
    title = kind.replace("-", " ").capitalize()
    return {"type": f"urn:paranad:problem:{kind}", "title": title, "status": status, "detail": detail, "kind": kind}


def problem_words(error: ParanadError, language: Language) -> Iterator[Line]:
    """Yield what went wrong, the likely cause and the cure: in English after the error's own message."""
    if language is Language.ENGLISH:
        yield from _as_it_came(error)
        kind = KINDS.get(error.kind)
        if kind and kind.cure and not kind.said:
            yield Line(say("likely cause: {cause}", cause=kind.cause), Style.DIM)
            yield Line(say("cure: {cure}", cure=kind.cure), Style.DIM)
    else:
        yield from _in_other_words(error)


def _as_it_came(error: ParanadError) -> Iterator[Line]:
    yield from (Line(line, Style.BAD) for line in str(error).split("\n"))


def _in_other_words(error: ParanadError) -> Iterator[Line]:
    """Yield the error in another language, then the cure. Without a code: its kind's sentence and its English."""
    kind, said = KINDS.get(error.kind), error.said
    if said.code and not isinstance(error, ConfigurationError):  # wrong settings stand in English, one a line
        yield Line(said_words(said), Style.BAD)
    else:
        if kind is not None:
            yield Line(Phrase(f"kind:{error.kind}", kind.cause), Style.BAD)
        yield from _as_it_came(error)
    if (cure := CURES.get(said.code)) is not None:
        yield Line(say("cure: {cure}", cure=Phrase(f"fact.cure:{said.code}", cure, values_of(said))), Style.DIM)
    elif kind is not None and kind.cure:
        yield Line(say("cure: {cure}", cure=Phrase(f"kind.cure:{error.kind}", kind.cure)), Style.DIM)


WRONG_USAGE = "wrong-usage"


def complain_of_usage(error: Exception, page: Page, language: Language, *, as_json: bool) -> int:
    """Say on standard error what is wrong with the command line of *page*, and where its help is.

    Return the exit code. An error of another kind is the end of the input at a question.
    """
    if not isinstance(error, WrongUsage):
        sys.stderr.write("\n")
        tell(sys.stderr, say("nothing was typed, so nothing is done"), Style.DIM, language)
        return exits.FAILED
    said = error.whole()
    if as_json:
        write_document(problem(WRONG_USAGE, 400, said.text), sys.stderr)
        return error.exit_code
    if language is Language.ENGLISH:
        tell(sys.stderr, " ".join(usage_line(page).split()), Style.NONE)
    tell(sys.stderr, say("paranadctl: {problem}", problem=said_words(said)), Style.BAD, language)
    tell(sys.stderr, say("help: {command} --help", command=" ".join(page.path)), Style.DIM, language)
    return error.exit_code
