"""The courier's status ids by what they mean for a parcel: ids alone, since the courier's texts vary.

Source: courier API, "Statuses". New ids may appear: a parcel of an id that stands nowhere here is on its way.
"""

from typing import Final

HANDED_OVER: Final = frozenset({"2"})
DELIVERED: Final = frozenset({"4", "21"})
PARTLY_DELIVERED: Final = frozenset({"21"})
"""Those of `DELIVERED` of which a part went back: what was collected for the rest, nobody says."""
ON_THE_WAY_BACK: Final = frozenset({"12", "13", "15", "16", "19", "23"})
CAME_BACK: Final = frozenset({"17"})
OVER: Final = ("4", "17", "31", "32", "34", "35", "39")
"""Statuses after which the shop expects nothing more."""
OFF: Final = frozenset({"0"})
"""Never on its way: the courier has switched the order off."""
ENDED: Final = DELIVERED | CAME_BACK | OFF | frozenset(OVER)
"""Statuses of parcels that are not under way any longer."""
