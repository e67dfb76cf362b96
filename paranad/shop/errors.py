"""What can be wrong with the shop's database.

ShopError
├── ShopUnreachable         no connection, no such file, not readable: wait, then try again
│   ├── ShopBusy            locked by another program, or a deadlock: try again at once, a few times
│   ├── ShopReadOnly        it can be read, but refuses changes
│   │   └── ShopServerReadOnly  a server was switched to read-only, or a read-only one has its place
│   └── ShopNotGranted      its user lacks a right for one statement
├── ShopUnexpectedSchema    a table or a column is missing
├── ShopBadRow              one row cannot be read or written as it is; the others can
└── ShopClockOff            the database server's clock and ours are too far apart to delete by time

No message holds the database URL.
"""

from datetime import timedelta
from typing import ClassVar

from paranad.errors import ParanadError
from paranad.said import Said, Sentence, as_said

UNREACHABLE = Sentence("shop.unreachable", "the shop's database cannot be reached: {reason}")
BUSY = Sentence("shop.busy", "the shop's database is locked: {reason}")
READ_ONLY = Sentence("shop.read_only", "the shop's database takes no change: {reason}")
NOT_GRANTED = Sentence("shop.not_granted", "the shop's database refuses what is needed: {reason}")
UNEXPECTED_SCHEMA = Sentence(
    "shop.unexpected_schema",
    "the shop's database has no {missing}: expected the tables of the shop's migrations; run its migrations, or set"
    " [shop] database_url to the right database",
)
TABLE = Sentence("shop.table", 'table "{name}"')
COLUMN = Sentence("shop.column", 'column "{name}"')
SOME_TABLE = Sentence("shop.some_table", "such table")
SOME_COLUMN = Sentence("shop.some_column", "such column")
UTF8MB4 = Sentence("shop.utf8mb4", "utf8mb4 in all of its text columns")
ROW_REFUSED = Sentence("shop.row_refused", "the shop's database refused a row: {reason}")
COLUMN_REFUSED = Sentence("shop.column_refused", "the shop's database refused a row: {reason} ({column})")
ABOUT = Sentence("shop.about", "{row}: {reason}")
CLOCK_OFF = Sentence(
    "shop.clock_off",
    "the clock of the shop's database server and this machine's are {apart_s} s apart: expected at most {limit_s} s;"
    " set both by NTP, nothing is deleted until then",
)


class ShopError(ParanadError):
    """The shop's database cannot do what it was asked."""

    kind = "shop"
    status = 503


class ShopUnreachable(ShopError):
    """The shop's database does not answer; nothing was changed."""

    kind = "shop-unreachable"
    sentence: ClassVar[Sentence] = UNREACHABLE

    def __init__(self, reason: Said | str) -> None:
        self.reason = as_said(reason)
        """Why; a text is a driver's own."""
        super().__init__(self.sentence(reason=self.reason))


class ShopBusy(ShopUnreachable):
    """Another program holds the lock that is needed."""

    kind = "shop-busy"
    sentence = BUSY


class ShopReadOnly(ShopUnreachable):
    """The shop's database can be read, but refuses changes."""

    sentence = READ_ONLY


class ShopServerReadOnly(ShopReadOnly):
    """The server of the shop's database refuses changes."""


class ShopNotGranted(ShopUnreachable):
    """The user of the shop's database lacks a right for one statement; others may go through."""

    sentence = NOT_GRANTED

    def __init__(self, reason: Said | str, statement: str, *, right: str | None = None, on: str = "*.*") -> None:
        self.statement = statement
        """The beginning of the refused statement, up to its table."""
        self.right = right
        """Such as `UPDATE`; None: the server does not name it."""
        self.on = on
        """The object of the missing right, in the form that GRANT takes."""
        super().__init__(reason)


class ShopUnexpectedSchema(ShopError):
    """The shop's database lacks a table or a column that every shop of this kind has."""

    kind = "shop-unexpected-schema"

    def __init__(self, missing: Said) -> None:
        self.missing = missing
        """`table "carts"` or `column "expires_at"`."""
        super().__init__(UNEXPECTED_SCHEMA(missing=missing))


class ShopBadRow(ShopError):
    """A row cannot be read or written as it is."""

    kind = "shop-bad-row"
    status = 422


class ShopClockOff(ShopError):
    """The two clocks disagree; nothing was deleted."""

    kind = "shop-clock-off"

    def __init__(self, apart: timedelta, limit: timedelta) -> None:
        self.apart = apart
        super().__init__(CLOCK_OFF(apart_s=int(apart.total_seconds()), limit_s=int(limit.total_seconds())))
