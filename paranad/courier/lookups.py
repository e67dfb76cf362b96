"""The courier's cities, regions and package sizes: asked for without a token, and remembered for a day."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from enum import Enum

from paranad.clock import Clock, from_us, to_us
from paranad.courier.client import Courier
from paranad.courier.errors import CALL, CourierLimited, CourierUnclear
from paranad.courier.limiter import LEFT_FREE
from paranad.courier.models import Json
from paranad.said import Sentence

REMEMBERED_FOR = timedelta(days=1)
"""Cities come and go over months."""
BELIEVED_FOR = timedelta(minutes=1)
"""How old a list may be that lacks what is looked for: the courier may have it since."""

EMPTY = Sentence("courier.lookup_empty", "the courier named none at all")
SOME_UNREADABLE = Sentence("courier.lookup_unreadable", "{rows} of its rows cannot be read")


class Lookup(Enum):
    """One of the lists: its path, and the field that holds a row's name."""

    CITIES = ("/citys", "city_name")
    REGIONS = ("/regions", "region_name")
    PACKAGE_SIZES = ("/package-sizes", "size")

    @property
    def path(self) -> str:
        """Where it is asked for."""
        return self.value[0]

    @property
    def field(self) -> str:
        """What holds a row's name."""
        return self.value[1]


class Lookups:
    """Finds names by the courier's ids."""

    def __init__(
        self,
        courier: Courier,
        clock: Clock,
        load: Callable[[str], Awaitable[Json]],
        save: Callable[[str, Json], Awaitable[None]],
    ) -> None:
        """*load* returns what was saved under a name, or None; *save* keeps it."""
        self.courier, self.clock, self.load, self.save = courier, clock, load, save

    async def name_of(self, lookup: Lookup, row_id: str, *, owner: str, city_id: str = "") -> str | None:
        """Return what the courier calls *row_id*; None: it surely has no such row. Regions are those of *city_id*.

        Raises:
            CourierLimited: the list had to be asked for, and the rate has no place to spare.
            CourierError: the list cannot be had or read: an unreadable list is no list without the row.
        """
        name = f"courier.lookup{lookup.path}/{city_id}".rstrip("/")
        kept = await self.load(name)
        if isinstance(kept, dict):
            age, names = self.clock.now() - from_us(kept["at"]), kept["names"]
            if timedelta(0) <= age < (REMEMBERED_FOR if row_id in names else BELIEVED_FOR):
                return str(names[row_id]) if row_id in names else None
        names = await self._ask(lookup, row_id, owner, {"city_id": city_id} if city_id else {})
        await self.save(name, {"at": to_us(self.clock.now()), "names": dict(names)})
        return names.get(row_id)

    async def _ask(self, lookup: Lookup, row_id: str, owner: str, query: Mapping[str, str]) -> Mapping[str, str]:
        state = self.courier.limiter.state()
        # Orders come first: a look asks only while more places are free than are kept for them.
        if state.closed_until or state.waiting or state.used >= state.limit - LEFT_FREE:
            raise CourierLimited(state.closed_until or self.clock.now() + state.window)
        names, unreadable = await self.courier.lookup(lookup.path, lookup.field, query, owner=owner)
        if not names:
            raise CourierUnclear(CALL(path=lookup.path, reason=EMPTY()))
        if unreadable and row_id not in names:
            raise CourierUnclear(CALL(path=lookup.path, reason=SOME_UNREADABLE(rows=unreadable)))
        return names
