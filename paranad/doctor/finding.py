"""What a code of the doctor's says."""

from typing import NamedTuple

from paranad.control.schemas import CheckOutcome


class Words(NamedTuple):
    """What a code says; names in braces stand for its values."""

    check: str
    """Empty: the value `check` names it."""
    outcome: CheckOutcome
    why: str
    cure: str | None = None
