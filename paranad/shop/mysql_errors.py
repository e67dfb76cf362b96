"""What each error of a server means for the shop; no sentence holds a value of a row, an account or the URL.

Source: MySQL 8.0 and MariaDB 10.11 error references; the numbers of a client's own errors begin at 2000.
"""

import errno
import os
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import DBAPIError

from paranad.configuration.addresses import DATABASE_KEY, ESCAPED
from paranad.said import Said, Sentence, names_in
from paranad.shop.errors import (
    COLUMN,
    COLUMN_REFUSED,
    ROW_REFUSED,
    SOME_COLUMN,
    SOME_TABLE,
    TABLE,
    UTF8MB4,
    ShopBadRow,
    ShopBusy,
    ShopError,
    ShopNotGranted,
    ShopServerReadOnly,
    ShopUnexpectedSchema,
    ShopUnreachable,
)

DEADLOCK = 1213
SAVEPOINT_GONE = 1305
"""A deadlock behind a savepoint: the server has rolled back the whole transaction, the savepoint included."""

SERVER_FAILED = Sentence("shop.server_failed", "{place}: {detail}")
SERVER_ERROR = Sentence("shop.server_error", "{place}: error {number}: {detail}")
SERVER_READ_ONLY = Sentence("shop.server_read_only", "{place}: it is read-only")
NOT_CONNECTED = Sentence("shop.not_connected", "{place}: no connection: {detail}")
NOBODY_LISTENS = Sentence("shop.nobody_listens", "{place}: no connection: {detail}: nothing listens there")
SILENT = Sentence("shop.silent_server", "{place}: it did not answer in time")
CUT_OFF = Sentence("shop.cut_off", "{place}: the connection was lost")
NO_RIGHT = Sentence(
    "shop.no_right", f"{{place}}: it does not allow the user of {DATABASE_KEY} to do this; grant the right"
)
NO_RIGHT_FOR = Sentence(
    "shop.no_right_for", f"{{place}}: it does not allow the user of {DATABASE_KEY} {{right}}; grant it"
)
NO_RIGHT_ON = Sentence(
    "shop.no_right_on", f"{{place}}: it does not allow the user of {DATABASE_KEY} {{right}} on {{table}}; grant it"
)

BUSY: Mapping[int, Sentence] = {
    1020: Sentence("shop.row_changed", "{place}: another program changed a row meanwhile"),
    1205: Sentence("shop.lock_held", "{place}: another program holds a lock that is needed"),
    DEADLOCK: Sentence("shop.deadlock", "{place}: a deadlock with another program"),
    1412: Sentence("shop.table_altered", "{place}: a table was altered meanwhile"),
    1637: Sentence("shop.many_transactions", "{place}: too many transactions at once"),
}

READ_ONLY = {1290, 1792, 1836, 1874, 3989}
LEAVING = {1047, 1053, 3032}
"""This server takes no work just now; another one of its cluster may."""

NO_DATABASE: Mapping[int, Sentence] = {
    1044: Sentence(
        "shop.database_not_allowed",
        f'{{place}}: it does not allow the user of {DATABASE_KEY} to use the database "{{name}}"; correct {{setting}}'
        " and restart the daemon, or grant the right",
    ),
    1049: Sentence(
        "shop.no_database", '{place}: it has no database "{name}"; correct {setting} and restart the daemon'
    ),
}
"""The name stands at the end of the server's message."""
NOT_GRANTED = {1142, 1143, 1227, 1370}

PASSWORD_EXPIRED = Sentence("shop.password_expired", "{place}: the user's password has expired there")
TOO_LONG = Sentence("shop.statement_too_long", "{place}: the statement took longer than it allows")
ACCOUNT_LOCKED = Sentence("shop.account_locked", "{place}: the user's account is locked there")

UNREACHABLE: Mapping[int, Sentence] = {
    1021: Sentence("shop.server_disk_full", "{place}: its disk is full"),
    1040: Sentence("shop.many_connections", "{place}: it has too many connections"),
    1045: Sentence(
        "shop.password_refused",
        f"{{place}}: it refused the user or the password; correct {{setting}} and restart the daemon: {ESCAPED}",
    ),
    1047: Sentence("shop.cluster_not_ready", "{place}: its cluster is not ready"),
    1053: Sentence("shop.server_stops", "{place}: it is shutting down"),
    1114: Sentence("shop.table_full", "{place}: a table is full, or its disk is"),
    1129: Sentence(
        "shop.blocked",
        "{place}: it blocks this machine after too many failed connections; unblock it with mysqladmin flush-hosts",
    ),
    1130: Sentence("shop.machine_refused", "{place}: it allows no connection from this machine"),
    1203: Sentence("shop.user_connections", "{place}: this user has too many connections"),
    1226: Sentence("shop.user_limit", "{place}: this user has used up what it may"),
    1317: Sentence("shop.statement_ended", "{place}: the statement was interrupted there"),
    1524: Sentence("shop.no_login_way", "{place}: it wants a way to log in that it does not have itself"),
    1698: Sentence("shop.user_refused", "{place}: it refused the user; correct {setting} and restart the daemon"),
    1820: PASSWORD_EXPIRED,
    1862: PASSWORD_EXPIRED,
    1927: Sentence("shop.connection_killed", "{place}: the connection was killed there"),
    1969: TOO_LONG,
    3024: TOO_LONG,
    3032: Sentence("shop.server_offline", "{place}: it is in offline mode"),
    3118: ACCOUNT_LOCKED,
    3159: Sentence(
        "shop.wants_encryption",
        "{place}: it wants an encrypted connection; allow it the socket or the local network without",
    ),
    4031: Sentence("shop.idle_closed", "{place}: it closed the connection, which was idle for too long"),
    4151: ACCOUNT_LOCKED,
}

MISSING_TABLE = {1109, 1146, 1356, 1932}
MISSING_COLUMN = {1054}
WRONG_CHARACTERS = {1267, 1270, 1271, 3854, 3988}

VALUE_MISSING = Sentence("shop.value_missing", "NOT NULL: a value is missing")
ROW_GONE = Sentence("shop.refers_to_gone", "FOREIGN KEY: it refers to a row that is gone")
ROW_NEEDED = Sentence("shop.referred_to", "FOREIGN KEY: another row refers to it")
OUT_OF_RANGE = Sentence("shop.out_of_range", "a number is out of range")
NOT_ALLOWED = Sentence("shop.value_not_allowed", "CHECK: a value is none of those allowed")
NO_TIME = Sentence("shop.time_unreadable", "a time cannot be read")
TOO_DEEP = Sentence("shop.json_too_deep", "CHECK: a value is JSON too large or too deep")

BAD_ROW: Mapping[int, Sentence] = {
    1048: VALUE_MISSING,
    1062: Sentence("shop.value_twice", "UNIQUE: another row has this value"),
    1216: ROW_GONE,
    1217: ROW_NEEDED,
    1264: OUT_OF_RANGE,
    1265: NOT_ALLOWED,
    1292: Sentence("shop.value_unreadable", "a time or a number cannot be read"),
    1364: VALUE_MISSING,
    1366: Sentence("shop.value_does_not_fit", "a text or a number does not fit the column, or its character set"),
    1406: Sentence("shop.text_too_long", "a text is too long"),
    1411: NO_TIME,
    1451: ROW_NEEDED,
    1452: ROW_GONE,
    1525: NO_TIME,
    1644: Sentence("shop.trigger_refused", "a trigger of the database does not want it"),
    1690: OUT_OF_RANGE,
    3140: Sentence("shop.value_no_json", "CHECK: a value is no JSON"),
    3150: TOO_DEEP,
    3151: TOO_DEEP,
    3157: TOO_DEEP,
    3819: NOT_ALLOWED,
    4025: NOT_ALLOWED,
}

CLIENT_ERRORS = range(2000, 3000)
ERRNO = re.compile(r"\[Errno (\d+)\]")
QUOTED = re.compile(r"'([^']+)'")
LAST_QUOTED = re.compile(r"'([^']+)'$")
RIGHT = re.compile(r"([A-Za-z ,]+) command denied to user |; you need \(at least one of\) the ([A-Z_ ,]+) privilege")
THING = re.compile(
    r"(?: for column '([^']+)' in| for) (?:table|routine) (?:[`'][^`']+[`']\.)?[`'](?:[^`'.]+\.)?([^`']+)[`']$"
)
BEGINNING = re.compile(r"\s*(?:\S+\s+){0,2}\S*")
"""The beginning of a changing statement, up to its table."""
VALUES = re.compile(r"'.*'", re.DOTALL)
PLACE_OF_ROW = re.compile(r"(?:[Cc]olumn|[Ff]ield|key|CONSTRAINT|constraint) (?:`[^`']*`\.)*[`'](?:\w+\.)?([^`']+)[`']")


def explain(error: DBAPIError, place: str, database: str = "", setting: Said | str = DATABASE_KEY) -> ShopError | None:
    """Return what *error* of *database* on the server at *place* means; None: it is a defect of the program.

    *setting* is where the database's address is set.
    """
    code, said = _parts(error.orig)
    if code == SAVEPOINT_GONE and "SAVEPOINT" in said:
        code = DEADLOCK
    if code in BUSY:
        return ShopBusy(BUSY[code](place=place))
    if code in BAD_ROW:
        return _bad_row(BAD_ROW[code](), said)
    if code in NOT_GRANTED:
        return _not_granted(error, said, place, database)
    return _schema(code, said) or _outage(error, code, said, place, setting)


def _parts(error: Any) -> tuple[int, str]:
    """Return the number and the text of the driver's *error*; 0: the server gave none."""
    code, *said = getattr(error, "args", None) or (0,)
    return (code, str(said[0]) if said else "") if isinstance(code, int) else (0, str(code))


def _schema(code: int, said: str) -> ShopUnexpectedSchema | None:
    name = QUOTED.search(said)
    if code in MISSING_TABLE:
        return ShopUnexpectedSchema(TABLE(name=name[1].rpartition(".")[2]) if name else SOME_TABLE())
    if code in MISSING_COLUMN:
        return ShopUnexpectedSchema(COLUMN(name=name[1]) if name else SOME_COLUMN())
    if code in WRONG_CHARACTERS:
        return ShopUnexpectedSchema(UTF8MB4())
    return None


def is_not_granted(error: BaseException | None) -> bool:
    """Tell whether the driver's *error* says that a right is missing."""
    return _parts(error)[0] in NOT_GRANTED


def has_moved(error: BaseException | None) -> bool:
    """Tell whether the driver's *error* says that the server is gone, or has changed its role."""
    code = _parts(error)[0]
    return code in READ_ONLY or code in LEAVING or code in CLIENT_ERRORS


def _not_granted(error: DBAPIError, said: str, place: str, database: str) -> ShopNotGranted:
    right, on = _right(said)
    beginning = BEGINNING.match(error.statement or "")
    return ShopNotGranted(
        _denied(place, right, on),
        beginning[0] if beginning else "",
        right=right and f"{right}{_column(on)}",
        on=f"{database}.{on[0]}" if on and database else "*.*",
    )


def _outage(error: DBAPIError, code: int, said: str, place: str, setting: Said | str) -> ShopUnreachable | None:
    if code in READ_ONLY:
        return ShopServerReadOnly(SERVER_READ_ONLY(place=place))
    reason = _reason(error, code, said, place, setting)
    return ShopUnreachable(reason) if reason else None


def _reason(error: DBAPIError, code: int, said: str, place: str, setting: Said | str) -> Said | None:
    """Say why the server cannot be used; None: it can."""
    if code in NO_DATABASE:
        name = LAST_QUOTED.search(said)
        return NO_DATABASE[code](place=place, name=name[1] if name else "…", setting=setting)
    if sentence := UNREACHABLE.get(code):
        values = {"place": place, "setting": setting}
        return sentence(**{name: values[name] for name in names_in(sentence.english)})
    if code in CLIENT_ERRORS:
        return _client_error(error, said, place)
    if error.connection_invalidated or _class(error) in {"08", "HY", "57", "70"}:
        return SERVER_ERROR(place=place, number=code, detail=VALUES.sub("…", said))
    return None


def _right(said: str) -> tuple[str | None, tuple[str, str | None] | None]:
    """Return the missing right, and the table and column it is for, as far as *said* names them.

    The message names the user and values too; they are not returned.
    """
    right, thing = RIGHT.match(said.removeprefix("Access denied")), THING.search(said)
    return right and (right[1] or right[2]).upper(), (thing[2], thing[1]) if thing else None


def _denied(place: str, right: str | None, on: tuple[str, str | None] | None) -> Said:
    if right is None:
        return NO_RIGHT(place=place)
    right = f"{right}{_column(on)}"
    return NO_RIGHT_ON(place=place, right=right, table=on[0]) if on else NO_RIGHT_FOR(place=place, right=right)


def _column(on: tuple[str, str | None] | None) -> str:
    return f" ({on[1]})" if on and on[1] else ""


def _class(error: DBAPIError) -> str:
    """Return the class of the SQLSTATE, its first two characters; empty: the server gave none."""
    return (getattr(error.orig, "sqlstate", None) or "")[:2]


def _client_error(error: DBAPIError, said: str, place: str) -> Said:
    """Say why the server does not answer: the operating system's reason if it has one."""
    cause = error.orig.__cause__ if error.orig else None
    if isinstance(cause, OSError) and (number := _errno(cause)):
        reason = os.strerror(number) if number > 0 else cause.strerror or str(cause)
        sentence = NOBODY_LISTENS if number == errno.ECONNREFUSED else NOT_CONNECTED
        return sentence(place=place, detail=reason)
    silent = isinstance(cause, TimeoutError) or "timeout" in said
    return SILENT(place=place) if silent else CUT_OFF(place=place)


def _errno(error: OSError) -> int | None:
    """Return the number of *error*; for a host with several addresses, asyncio gives the numbers in its text alone."""
    numbers = set(ERRNO.findall(str(error)))
    return error.errno or (int(numbers.pop()) if len(numbers) == 1 else None)


def _bad_row(reason: Said, said: str) -> ShopBadRow:
    """Return the error with the last column or key in *said*; any earlier name may stand in a value."""
    names = PLACE_OF_ROW.findall(said)
    return ShopBadRow(COLUMN_REFUSED(reason=reason, column=names[-1]) if names else ROW_REFUSED(reason=reason))
