"""The named statements of a room's `.sql` files, loaded once at start; Python never assembles them."""

import re
from importlib.resources import files

NAME = re.compile(r"^-- name: (?P<name>\w+)(?: .*)?$", re.MULTILINE)


def load(package: str, *names: str) -> dict[str, str]:
    """Return statement by name from the files *names* in *package*'s folder `sql`.

    A statement begins with the line `-- name: claim  what it is for` and ends where the next begins.
    """
    statements: dict[str, str] = {}
    for name in names:
        text = (files(package) / "sql" / name).read_text("utf-8")
        parts = NAME.split(text)
        statements |= {key: body.strip().rstrip(";") for key, body in zip(parts[1::2], parts[2::2], strict=True)}
    return statements
