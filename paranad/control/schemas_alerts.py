"""The forms about alerts: how somebody is told, what stands, and what is muted."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas


class Mute(schemas.Answered):
    """A kind of alert that nobody is told of."""

    kind: str
    since: datetime
    until: datetime = Field(description="When it ends by itself.")
    by: str = Field(description="Who muted it: the user's name, or `uid` and a number.")


class FailingCommand(schemas.Answered):
    """The alert command has taken no document since then."""

    since: datetime
    times: int = Field(description="How often in a row it failed.")
    reason: str = Field(description="How it failed the last time.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Alerting(schemas.Answered):
    """How somebody is told of trouble."""

    open: int = Field(description="Incidents that are open now.")
    muted: list[Mute] = Field(description="The one that ends first first.")
    failing: FailingCommand | None = Field(description="Null: the command took the last document, or has had none.")


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


class Alerts(Alerting):
    """What stands, who is told of it, and what is muted."""

    command: str | None = Field(description="The program that tells; null: there is none, so nobody is told.")
    language: Literal["ar", "en"] = Field(description="Of what it tells.")
    kinds: list[str] = Field(description="What can be muted.")
    items: list[Incident] = Field(description="The newest first, at most `limit`.")
    count: int = Field(description="How many there are.")


class Unmuted(schemas.Answered):
    """Somebody is told of the kind again."""

    kind: str
