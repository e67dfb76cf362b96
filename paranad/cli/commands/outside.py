"""How everything outside the daemon stands: the courier, the shop, its jobs table, its PHP, the heartbeat's address."""

from collections.abc import Iterator
from datetime import datetime

from paranad.cli.screen.blocks import Block, Cell, Heading, Style, Table
from paranad.cli.screen.say import Text, say
from paranad.cli.screen.times import absolute, moment, relative
from paranad.cli.session import Json
from paranad.cli.words import fact_words, state_words

PUSHES = {"php": say("the shop's listener sends pushes"), "rows": say("nobody sends pushes")}
BY_A_WORKER = say("the shop's listener sends pushes only once a worker takes its rows")


def outside_words(status: Json, at: datetime) -> Iterator[Block]:
    """Yield how the courier, the shop and its jobs table stand, and the last sync."""
    yield Heading(say("Outside"))
    yield Table(
        ["", ""],
        [
            _courier(status["courier"], at),
            _shop(status["shop"]),
            _bridge(status["bridge"]),
            *_php(status.get("php"), at),
            _sync(status["last_sync"], at, known=status["last_sync_known"]),
            *_heartbeat(status.get("heartbeat"), at),
        ],
    )


def _courier(courier: Json, at: datetime) -> list[Text | Cell]:
    limiter, reason = courier["limiter"], fact_words(courier, "reason") or say("no reason given")
    limit, door = _limit(limiter), courier.get("door") or {"state": "open"}
    if courier["login"] == "refused":
        state = Cell(say("login refused: {reason}; {limit}", reason=reason, limit=limit), Style.BAD)
    elif limiter["closed_until"]:
        until = absolute(limiter["closed_until"], at)
        state = Cell(say("asked us to wait until {until}; {limit}", until=until, limit=limit), Style.WARN)
    elif door["state"] == "closed":
        at_next = {"since": relative(door["since"], at), "next": relative(door["next_try_at"], at)}
        closed = say(
            "its door is closed: no order is sent, since {since}; asked again {next}; {limit}", **at_next, limit=limit
        )
        state = Cell(closed, Style.BAD)
    elif door["state"] == "one_order":
        state = Cell(say("answers again: one order is sent first; {limit}", limit=limit), Style.WARN)
    else:
        state = Cell((say("login ok") if courier["login"] == "ok" else say("not logged in yet"), limit))
    return [say("courier"), state]


def _limit(limiter: Json) -> Text:
    """Return how much of the courier's limit is used, and who waits for it."""
    numbers = {"used": limiter["used"], "limit": limiter["limit"], "window": limiter["window_s"]}
    waiting = say("{count} jobs wait for a slot", count=limiter["waiting"]) if limiter["waiting"] else ""
    return say("{used} of {limit} requests in {window:g} s", **numbers), waiting


def _shop(shop: Json) -> list[Text | Cell]:
    reason = fact_words(shop, "reason") or say("no reason given")
    match shop["reachable"]:
        case True if shop["reason"]:
            state = Cell(say("database reachable, but {reason}", reason=reason), Style.BAD)
        case True:
            state = Cell(say("database reachable"))
        case False:
            state = Cell(say("database not reachable: {reason}", reason=reason), Style.BAD)
        case _:
            state = Cell(say("database not asked yet"))
    return [say("shop"), state]


def _bridge(bridge: Json) -> list[Text | Cell]:
    if bridge["active"]:
        return [say("jobs table"), say("worked here: {reason}", reason=fact_words(bridge, "reason"))]
    style = Style.NONE if bridge["mode"] == "off" else Style.WARN
    return [say("jobs table"), Cell(say("not worked here: {reason}", reason=fact_words(bridge, "reason")), style)]


def _php(php: Json | None, at: datetime) -> Iterator[list[Text | Cell]]:
    """Yield what PHP still does: what waits for it, since when, and who sends pushes; nothing of an earlier daemon."""
    if php is None:
        return
    texts: list[Text] = [fact_words(php, "reason")]
    if since := php["oldest_due_at"]:
        classes = tuple(say("{name} {count}", name=name, count=count) for name, count in php["by_class"].items())
        texts.append(say("due since {since}: {classes}", since=absolute(since, at), classes=classes))
    if php["reserved"]:
        texts.append(say("with a worker: {rows:row}", rows=php["reserved"]))
    if php["runs"]:
        last = moment(php["last_run_at"], at)
        texts.append(say("it came {runs:time} since the daemon's start, the last {at}", runs=php["runs"], at=last))
    # Where no worker is asked for, or none comes, they are no more than rows.
    unsure = php["status_notices"] == "php" and (php["mode"] == "leave" or php.get("cure"))
    texts.append(BY_A_WORKER if unsure else PUSHES[php["status_notices"]])
    yield [say("PHP"), Cell(tuple(texts), Style.WARN if php.get("cure") else Style.NONE)]


def _sync(sync: Json, at: datetime, *, known: bool) -> list[Text | Cell]:
    if not known:
        return [say("last sync"), Cell(say("unknown: the shop's database does not say"), Style.WARN)]
    if sync is None:
        return [say("last sync"), Cell(say("none yet"), Style.DIM)]
    numbers = {name: sync[name] for name in ("created", "updated", "failed")}
    ended = say(
        "{at}, {type}, {status}: {counts}",
        at=moment(sync["at"], at),
        type=state_words(sync["type"]),
        status=state_words(sync["status"]),
        counts=say("created {created}, updated {updated}, failed {failed}", **numbers),
    )
    return [say("last sync"), Cell(ended, Style.WARN if sync["failed"] else Style.NONE)]


def _heartbeat(heartbeat: Json | None, at: datetime) -> Iterator[list[Text | Cell]]:
    """Yield how the heartbeat stands; nothing where none is sent."""
    if heartbeat is None:
        return
    host, reason = heartbeat["host"], fact_words(heartbeat, "reason") or ""
    if since := heartbeat["withheld_since"]:
        held = say(
            "none is sent to {host}, since {since}: {reason}", host=host, since=absolute(since, at), reason=reason
        )
        yield [say("heartbeat"), Cell(held, Style.BAD)]
    elif since := heartbeat["failing_since"]:
        lost = say("not taken by {host}, since {since}: {reason}", host=host, since=absolute(since, at), reason=reason)
        yield [say("heartbeat"), Cell(lost, Style.BAD)]
    elif answered_at := heartbeat["answered_at"]:
        yield [say("heartbeat"), Cell(say("taken by {host}, {at}", host=host, at=moment(answered_at, at)))]
    else:
        yield [say("heartbeat"), Cell(say("not sent to {host} yet", host=host), Style.DIM)]
