"""The table `paranad_lease`: the SQL that makes it, what it lacks, and which rights on it are missing."""

from collections.abc import Sequence

from sqlalchemy import Executable, Text, delete, false, insert, literal, select, text, update

from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.database import Shop
from paranad.shop.errors import SOME_TABLE, TABLE, ShopBadRow, ShopError, ShopNotGranted, ShopUnexpectedSchema
from paranad.standby.decide import NUMBERS
from paranad.standby.table import lease, table_sql

NO_TABLE = Sentence(
    "standby.no_table", "the shop's database has no table paranad_lease as it should be: {missing} is missing"
)
NO_RIGHT = Sentence("standby.no_right", "the shop's database does not allow {right} on paranad_lease")
SOME_RIGHT = Sentence("standby.some_right", "what is needed")
NO_KEY = Sentence("standby.no_key", "paranad_lease has no primary key, so two daemons could each hold a lease")
NOT_INNODB = Sentence(
    "standby.not_innodb", "paranad_lease is kept by {engine}, which neither a crash nor a cluster keeps whole"
)
CURE_TABLE = Sentence(
    "standby.cure_table",
    "make it by hand with the SQL of paranadctl standby setup",
)
CURE_FORM = Sentence(
    "standby.cure_form",
    "drop it while no daemon works, and make it anew by hand with the SQL of paranadctl standby setup",
)
CURE_RIGHT = Sentence(
    "standby.cure_right",
    "as the server's root: GRANT SELECT, INSERT, UPDATE, DELETE ON {on} TO 'USER'@'HOST', the user of [shop]"
    " database_url as SELECT CURRENT_USER() names it",
)


@record
class Trouble:
    """Why the table cannot be used."""

    reason: Said
    cure: Said | None
    """What a person does about it; None: it heals by itself, or the reason says it."""


def trouble_of(error: ShopError) -> Trouble:
    """Return what *error* of a statement on the table means."""
    match error:
        case ShopUnexpectedSchema():
            is_there = error.missing.code not in {TABLE.code, SOME_TABLE.code}
            return Trouble(NO_TABLE(missing=error.missing), CURE_FORM() if is_there else CURE_TABLE())
        case ShopNotGranted():
            return Trouble(NO_RIGHT(right=error.right or SOME_RIGHT()), CURE_RIGHT(on=error.on))
        case _:
            return Trouble(error.said, None)


class Setup:
    """Says how the table is made, and whether it is there as it should be."""

    def __init__(self, shop: Shop) -> None:
        self.sql = table_sql(types_are_hints=shop.types_are_hints)
        """What an operator runs once in the shop's database."""
        self._shop, self._is_fine = shop, False

    async def lacking(self) -> Trouble | None:
        """Return the first thing that is wrong; None: nothing. Once it was fine it is not asked for again."""
        if self._is_fine:
            return None
        try:
            found = await self.examine()
        except ShopError as error:
            return trouble_of(error)
        self._is_fine = not found
        return found[0] if found else None

    def doubt(self) -> None:
        """Let it be asked for again: a statement on the table has failed."""
        self._is_fine = False

    async def examine(self) -> Sequence[Trouble]:
        """Return everything that is wrong with the table and the rights on it; empty: nothing. Nothing is changed.

        Raises:
            ShopError: the database cannot be asked.
        """
        statements = self._shop.single_statements()
        try:
            if self._shop.types_are_hints:
                key = text("SELECT COUNT(*) FROM pragma_table_info('paranad_lease') WHERE pk > 0 AND name = 'name'")
            else:
                key = text(
                    "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()"
                    " AND table_name = 'paranad_lease' AND column_name = 'name' AND column_key = 'PRI'"
                )
            found = []
            for statement in _STATEMENTS:
                try:
                    await statements.run(statement, within_s=NUMBERS.answer_s)
                except (ShopUnexpectedSchema, ShopNotGranted) as error:
                    found.append(trouble_of(error))
                except ShopBadRow:  # it may be written
                    pass
            if found:
                return tuple(dict.fromkeys(found))
            (count,) = (await statements.run(key, within_s=NUMBERS.answer_s)).rows[0]
            if not count:
                found.append(Trouble(NO_KEY(), CURE_FORM()))
            if not self._shop.types_are_hints:
                engine = text(
                    "SELECT engine FROM information_schema.tables"
                    " WHERE table_schema = DATABASE() AND table_name = 'paranad_lease'"
                )
                (name,) = (await statements.run(engine, within_s=NUMBERS.answer_s)).rows[0]
                if str(name).lower() != "innodb":
                    found.append(Trouble(NOT_INNODB(engine=str(name)), CURE_FORM()))
            return tuple(found)
        finally:
            await statements.close()


_STATEMENTS: Sequence[Executable] = (
    select(*lease.c).where(false()),
    insert(lease).from_select(["name"], select(literal("", Text)).where(false())),
    update(lease).where(false()).values(reference=None),
    delete(lease).where(false()),
)
"""One for each right, and none changes a row."""
