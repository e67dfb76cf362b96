"""What a server's error means for the shop; none of the words hold a value of a row, an account or the URL.

Source: MySQL 8.0 and MariaDB 10.11 error references; the numbers of a client's own errors begin at 2000.
"""

import errno
import os
import re
from typing import Any

from sqlalchemy.exc import DBAPIError

from paranad.configuration.addresses import DATABASE_KEY, ESCAPED
from paranad.shop.errors import (
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
"""Where a part of a transaction runs into a deadlock: the server has taken the whole transaction back."""

BUSY = {
    1020: "another program changed a row meanwhile",
    1205: "another program holds a lock that is needed",
    DEADLOCK: "a deadlock with another program",
    1412: "a table was altered meanwhile",
    1637: "too many transactions at once",
}

READ_ONLY = {1290, 1792, 1836, 1874, 3989}
LEAVING = {1047, 1053, 3032}
"""A server that takes no work just now; the others of its cluster may."""

CORRECT = "; correct {setting} and restart the daemon"
NOT_ALLOWED = f"it does not allow the user of {DATABASE_KEY}"
NO_DATABASE = {
    1044: f'{NOT_ALLOWED} to use the database "{{name}}"{CORRECT}, or grant the right',
    1049: f'it has no database "{{name}}"{CORRECT}',
}
"""What the server's message names at its end."""
NOT_GRANTED = {1142, 1143, 1227, 1370}

UNREACHABLE = {
    1021: "its disk is full",
    1040: "it has too many connections",
    1045: f"it refused the user or the password{CORRECT}: {ESCAPED}",
    1047: "its cluster is not ready",
    1053: "it is shutting down",
    1114: "a table is full, or its disk is",
    1129: "it blocks this machine after too many failed connections; unblock it with mysqladmin flush-hosts",
    1130: "it allows no connection from this machine",
    1203: "this user has too many connections",
    1226: "this user has used up what it may",
    1317: "the statement was interrupted there",
    1524: "it wants a way to log in that it does not have itself",
    1698: f"it refused the user{CORRECT}",
    1820: "the user's password has expired there",
    1862: "the user's password has expired there",
    1927: "the connection was killed there",
    1969: "the statement took longer than it allows",
    3024: "the statement took longer than it allows",
    3032: "it is in offline mode",
    3118: "the user's account is locked there",
    3159: "it wants an encrypted connection; allow it the socket or the local network without",
    4031: "it closed the connection, which was idle for too long",
    4151: "the user's account is locked there",
}

MISSING_TABLE = {1109, 1146, 1356, 1932}
MISSING_COLUMN = {1054}
WRONG_CHARACTERS = {1267, 1270, 1271, 3854, 3988}

BAD_ROW = {
    1048: "NOT NULL: a value is missing",
    1062: "UNIQUE: another row has this value",
    1216: "FOREIGN KEY: it refers to a row that is gone",
    1217: "FOREIGN KEY: another row refers to it",
    1264: "a number is out of range",
    1265: "CHECK: a value is none of those allowed",
    1292: "a time or a number cannot be read",
    1364: "NOT NULL: a value is missing",
    1366: "a text or a number does not fit the column, or its character set",
    1406: "a text is too long",
    1411: "a time cannot be read",
    1451: "FOREIGN KEY: another row refers to it",
    1452: "FOREIGN KEY: it refers to a row that is gone",
    1525: "a time cannot be read",
    1644: "a trigger of the database does not want it",
    1690: "a number is out of range",
    3140: "CHECK: a value is no JSON",
    **dict.fromkeys((3150, 3151, 3157), "CHECK: a value is JSON too large or too deep"),
    3819: "CHECK: a value is none of those allowed",
    4025: "CHECK: a value is none of those allowed",
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
"""Up to the table, of a statement that changes one."""
VALUES = re.compile(r"'.*'", re.DOTALL)
PLACE_OF_ROW = re.compile(r"(?:[Cc]olumn|[Ff]ield|key|CONSTRAINT|constraint) (?:`[^`']*`\.)*[`'](?:\w+\.)?([^`']+)[`']")


def explain(error: DBAPIError, place: str, database: str = "", setting: str = DATABASE_KEY) -> ShopError | None:
    """Return *error* of *database* on the server at *place* as what it means; None: it is a defect of the program.

    *setting* is where the database's address is set.
    """
    code, said = _parts(error.orig)
    if code == SAVEPOINT_GONE and "SAVEPOINT" in said:
        code = DEADLOCK
    if code in BUSY:
        return ShopBusy(f"{place}: {BUSY[code]}")
    if code in BAD_ROW:
        return ShopBadRow(f"the shop's database refused a row: {BAD_ROW[code]}{_place_of_row(said)}")
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
        return ShopUnexpectedSchema(f'table "{name[1].rpartition(".")[2]}"' if name else "such table")
    if code in MISSING_COLUMN:
        return ShopUnexpectedSchema(f'column "{name[1]}"' if name else "such column")
    if code in WRONG_CHARACTERS:
        return ShopUnexpectedSchema("utf8mb4 in all of its text columns")
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
        f"{place}: {NOT_ALLOWED} {_named(right, on)}",
        beginning[0] if beginning else "",
        right=right and f"{right}{_column(on)}",
        on=f"{database}.{on[0]}" if on and database else "*.*",
    )


def _outage(error: DBAPIError, code: int, said: str, place: str, setting: str) -> ShopUnreachable | None:
    if code in READ_ONLY:
        return ShopServerReadOnly(f"{place}: it is read-only")
    reason = _reason(error, code, said, setting)
    return ShopUnreachable(f"{place}: {reason}") if reason else None


def _reason(error: DBAPIError, code: int, said: str, setting: str) -> str | None:
    """Say why the server cannot be used; None: it can."""
    if code in NO_DATABASE:
        name = LAST_QUOTED.search(said)
        return NO_DATABASE[code].format(name=name[1] if name else "…", setting=setting)
    if code in UNREACHABLE:
        return UNREACHABLE[code].format(setting=setting)
    if code in CLIENT_ERRORS:
        return _client_words(error, said)
    if error.connection_invalidated or _class(error) in {"08", "HY", "57", "70"}:
        return f"error {code}: {VALUES.sub('…', said)}"
    return None


def _right(said: str) -> tuple[str | None, tuple[str, str | None] | None]:
    """Return the right that is missing, and the table and column that it is for, as far as *said* names them.

    It names the user and values too; those are not returned.
    """
    right, thing = RIGHT.match(said.removeprefix("Access denied")), THING.search(said)
    return right and (right[1] or right[2]).upper(), (thing[2], thing[1]) if thing else None


def _named(right: str | None, on: tuple[str, str | None] | None) -> str:
    if right is None:
        return "to do this; grant the right"
    return f"{right}{_column(on)}{f' on {on[0]}' if on else ''}; grant it"


def _column(on: tuple[str, str | None] | None) -> str:
    return f" ({on[1]})" if on and on[1] else ""


def _class(error: DBAPIError) -> str:
    """Return the first two signs of the SQLSTATE, its class; empty: the server gave none."""
    return (getattr(error.orig, "sqlstate", None) or "")[:2]


def _client_words(error: DBAPIError, said: str) -> str:
    """Say why the server does not answer: the operating system's reason where it has one."""
    cause = error.orig.__cause__ if error.orig else None
    if isinstance(cause, OSError) and (number := _errno(cause)):
        reason = os.strerror(number) if number > 0 else cause.strerror
        nobody = ": nothing listens there" if number == errno.ECONNREFUSED else ""
        return f"it cannot be reached: {reason}{nobody}"
    silent = isinstance(cause, TimeoutError) or "timeout" in said
    return "it did not answer in time" if silent else "the connection was lost"


def _errno(error: OSError) -> int | None:
    """Return the number of *error*; of a name with several addresses asyncio tells each one's in its text alone."""
    numbers = set(ERRNO.findall(str(error)))
    return error.errno or (int(numbers.pop()) if len(numbers) == 1 else None)


def _place_of_row(said: str) -> str:
    """Name the column or the key that *said* ends with; what stands before may be a value."""
    names = PLACE_OF_ROW.findall(said)
    return f" ({names[-1]})" if names else ""
