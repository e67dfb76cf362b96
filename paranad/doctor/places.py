"""The check that the courier still has the city, region and package size that stand in where an order has none."""

from paranad.courier.errors import CourierError, CourierLimited
from paranad.courier.lookups import Lookup, Lookups
from paranad.doctor.bounded import Findings
from paranad.finding import Found, failed, ok, warning
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.shop.settings import ShopSettings, read_settings

OWNER = "doctor"
CHOOSE = "choose another in the shop's AlWaseet settings"

PLACES_GOOD = ok(
    "courier-places-good",
    "courier-places",
    "the courier has the defaults: city {city}, region {region}, package size {size}",
)
CITY_GONE = warning(
    "courier-city-gone",
    "courier-places",
    "the courier has no city {city} (alwaseet_default_city_id): it refuses orders that have no city of their own",
    CHOOSE,
)
REGION_GONE = warning(
    "courier-region-gone",
    "courier-places",
    "the courier has no region {region} (alwaseet_default_region_id) in city {city}: it refuses orders that have no"
    " region of their own",
    CHOOSE,
)
SIZE_GONE = failed(
    "courier-size-gone",
    "courier-places",
    "the courier has no package size {size} (alwaseet_default_package_size_id): it refuses every order",
    CHOOSE,
)
PLACES_UNKNOWN = warning(
    "courier-places-unknown",
    "courier-places",
    "whether the courier still has the default city, region and package size is not known: {reason}",
    "ask again in a few minutes",
)
PLACES_LATER = warning(
    "courier-places-later",
    "courier-places",
    "the default city, region and package size were not looked for: the courier's rate has no place to spare just now",
    "ask again in a minute",
)


async def place_findings(lookups: Lookups, shop: Shop) -> Findings:
    """Ask the courier for the defaults of the shop's settings, at most once a day as long as it has them.

    Nothing is said of a setting that holds no id, or where the shop sends no orders: the check of the settings does.
    """
    try:
        async with shop.read() as connection:
            settings = await read_settings(connection)
    except ShopError:  # the check of the shop says it
        return []
    if not settings.auto_create_shipment:
        return []
    try:
        return await _findings(lookups, settings)
    except CourierLimited:
        return [PLACES_LATER()]
    except CourierError as error:
        return [PLACES_UNKNOWN(reason=error.said)]


async def _findings(lookups: Lookups, settings: ShopSettings) -> Findings:
    city, region, size = settings.default_city_id, settings.default_region_id, settings.default_package_size_id
    has: dict[str, str | None] = {"city": None, "region": None, "size": None}
    gone: list[Found] = []
    if isinstance(city, str):
        has["city"] = await _named(lookups, Lookup.CITIES, city)
        if has["city"] is None:
            gone.append(CITY_GONE(city=city))
        elif isinstance(region, str):
            has["region"] = await _named(lookups, Lookup.REGIONS, region, city)
            if has["region"] is None:
                gone.append(REGION_GONE(region=region, city=has["city"]))
    if isinstance(size, str):
        has["size"] = await _named(lookups, Lookup.PACKAGE_SIZES, size)
        if has["size"] is None:
            gone.append(SIZE_GONE(size=size))
    return gone or ([PLACES_GOOD(**has)] if all(has.values()) else [])


async def _named(lookups: Lookups, lookup: Lookup, row_id: str, city_id: str = "") -> str | None:
    """Return an id with its name at the courier, as `1 (بغداد)`; None: the courier has no such row."""
    name = await lookups.name_of(lookup, row_id, owner=OWNER, city_id=city_id)
    return name and f"{row_id} ({name})"
