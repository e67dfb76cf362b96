"""Whether a refused right is the account's or one order's: by what other orders showed lately."""

from dataclasses import dataclass, field
from datetime import timedelta

PROVED_FOR = timedelta(hours=24)
"""How long an order that the courier took proves that the account may create orders."""

Place = tuple[str, str]
"""An order's city and region, by id."""


@dataclass(slots=True)
class CreateRight:
    """What create-order has shown of the account's right, in this process; instants are monotonic seconds."""

    proved_s: float | None = None
    """When the courier last took an order; None: not yet."""
    account: int = 0
    """Whose order that was."""
    refused: set[Place] = field(default_factory=set)
    """Where the orders go that were refused since."""

    def prove(self, now_s: float, account: int) -> None:
        """Note that the courier took an order of *account*."""
        self.proved_s, self.account = now_s, account
        self.refused.clear()

    def is_only_the_place(self, place: Place, now_s: float, account: int) -> bool:
        """Note that an order to *place* was refused under a fresh token; tell whether the reason is its place.

        It is where others of the account go through; a second place refused, and none taken since, is the account.
        """
        if self.proved_s is None or account != self.account or now_s - self.proved_s > PROVED_FOR.total_seconds():
            return False
        self.refused.add(place)
        return len(self.refused) == 1
