"""What can be wrong with the shop's database.

ShopError
├── ShopUnreachable         no connection, no such file, not readable: wait, then try again
│   ├── ShopBusy            locked by another program, or a deadlock: at once again, a few times
│   ├── ShopReadOnly        it can be read, and takes no change
│   │   └── ShopServerReadOnly  it is a server: it was switched so, or another one has its place
│   └── ShopNotGranted      its user lacks a right for one statement
├── ShopUnexpectedSchema    a table or a column is missing
├── ShopBadRow              one row cannot be read or written as it is; the others can
└── ShopClockOff            the database server's clock and ours are too far apart to delete by time

No message holds the database URL.
"""

from datetime import timedelta

from paranad.errors import ParanadError


class ShopError(ParanadError):
    """The shop's database cannot do what is asked of it."""

    kind = "shop"
    status = 503


class ShopUnreachable(ShopError):
    """The shop's database does not answer; nothing was changed."""

    kind = "shop-unreachable"
    what = "cannot be reached"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the shop's database {self.what}: {reason}")


class ShopBusy(ShopUnreachable):
    """Another program holds the lock that is needed."""

    kind = "shop-busy"
    what = "is locked"


class ShopReadOnly(ShopUnreachable):
    """The shop's database can be read and takes no change."""

    what = "takes no change"


class ShopServerReadOnly(ShopReadOnly):
    """The server that has the shop's database takes no change."""


class ShopNotGranted(ShopUnreachable):
    """The user of the shop's database lacks a right for one statement; others may go through."""

    what = "refuses what is needed"

    def __init__(self, reason: str, statement: str, *, right: str | None = None, on: str = "*.*") -> None:
        self.statement = statement
        """How the refused statement begins, its table included."""
        self.right = right
        """Such as `UPDATE`; None: the server does not name it."""
        self.on = on
        """What it is to be granted on, as GRANT has it."""
        super().__init__(reason)


class ShopUnexpectedSchema(ShopError):
    """The shop's database lacks a table or a column that every shop of this kind has."""

    kind = "shop-unexpected-schema"

    def __init__(self, missing: str) -> None:
        self.missing = missing
        """`table "carts"` or `column "expires_at"`."""
        super().__init__(
            f"the shop's database has no {missing}: expected the tables of the shop's migrations;"
            " run its migrations, or set [shop] database_url to the right database"
        )


class ShopBadRow(ShopError):
    """A row cannot be read or written as it is."""

    kind = "shop-bad-row"
    status = 422


class ShopClockOff(ShopError):
    """The two clocks disagree; nothing was deleted."""

    kind = "shop-clock-off"

    def __init__(self, apart: timedelta, limit: timedelta) -> None:
        self.apart = apart
        super().__init__(
            f"the clock of the shop's database server and this machine's are {int(apart.total_seconds())} s apart:"
            f" expected at most {int(limit.total_seconds())} s; set both by NTP, nothing is deleted until then"
        )
