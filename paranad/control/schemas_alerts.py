"""The API's forms about alerts: what stands, and what is muted."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas


class Incident(schemas.Answered):
    """Trouble that needs a person, or whose end is still to be told."""

    kind: str
    key: str = Field(description="Its subject, such as an order: at most one incident of a kind and key is open.")
    state: Literal["open", "over"] = Field(description="`over`: it has ended, and that is still to be told.")
    message: str
    why: schemas.Remark | None = Field(description=schemas.SAME)
    cure: str | None = Field(description="What to do; null: it is over.")
    cure_why: schemas.Remark | None = Field(description="The same as data: code, values, text.")
    opened_at: datetime
    over_at: datetime | None
    times_told: int = Field(description="How often somebody was told that it is open.")
    muted_until: datetime | None = Field(description="Null: its kind is not muted.")
    next_try_at: datetime | None = Field(description="When the command that did not take it runs again; null: it did.")


class Alerts(schemas.Alerting):
    """What stands, who is told of it, and what is muted."""

    command: str | None = Field(description="The program that tells; null: there is none, so nobody is told.")
    language: Literal["ar", "en"] = Field(description="Of what it tells.")
    kinds: list[str] = Field(description="What can be muted.")
    items: list[Incident] = Field(description="The newest first, at most `limit`.")
    count: int = Field(description="How many there are.")


class Unmuted(schemas.Answered):
    """Somebody is told of the kind again."""

    kind: str
