"""The form of what is known of the lease, and of the machines of which one works."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas

Role = Literal["active", "standby"]


class Machine(schemas.Answered):
    """A machine on which a daemon of the same shop runs, or ran."""

    machine: str
    role: Role = Field(description="`active`: it works; `standby`: it stands by.")
    version: str
    seen_at: datetime | None = Field(description="When it was last heard of, by the shop's database.")
    present: bool = Field(description="False: it has not been heard of for longer than the lease lasts.")
    itself: bool = Field(description="True: the machine that answers.")


class Standby(schemas.Answered):
    """How this daemon stands among several, of which the one that holds the lease works."""

    role: Role
    machine: str = Field(description="What this machine is called.")
    works: str | None = Field(description="The machine that works; null: none, or it is not known.")
    silent: bool = Field(False, description="True: that machine has not renewed the lease lately, so it may be gone.")
    before: str | None = Field(
        None, description="The other machine that worked before, or was last seen; null: none is known."
    )
    since: datetime | None = Field(description="Since when that machine works; null: not known.")
    standing_since: datetime | None = Field(None, description="Since when this machine stands by; null: it works.")
    term: int | None = Field(
        description="The term of the lease, which rises each time that it is taken; null: not known."
    )
    claims: bool = Field(description="Whether jobs may start here now.")
    handing_over: bool = Field(False, description="True: what runs is finished for another machine to take over.")
    reason: str = Field(description="Why it stands so, and what comes next.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)
    trouble: str | None = Field(
        None, description="Why the lease, or what is taken over with it, could not be read or written; null: it could."
    )
    trouble_why: schemas.Remark | None = Field(None, description=schemas.SAME)
    cure: str | None = Field(None, description="What to do about that; null: it heals by itself, or there is none.")
    cure_why: schemas.Remark | None = Field(None, description=schemas.SAME)
    machines: list[Machine] = Field(description="This one and all that were seen since its start.")


class Trouble(schemas.Answered):
    """Why the table of the lease cannot be used."""

    reason: str
    why: schemas.Remark | None = Field(None, description=schemas.SAME)
    cure: str | None = Field(None, description="Null: it heals by itself, or the reason says it.")
    cure_why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Report(schemas.Answered):
    """How the machines stand, and whether the table of the lease can be used: also of a daemon that works alone."""

    standby: Standby | None = Field(description="Null: `[standby] enabled` is false; this daemon works alone.")
    sql: str = Field(description="What makes the table `paranad_lease`, run by hand once in the shop's database.")
    troubles: list[Trouble] = Field(description="What is wrong with the table and the rights on it; empty: nothing.")


class HandedOver(schemas.Answered):
    """Another machine works now; this daemon ends."""

    machine: str = Field(description="The machine that has taken over.")
    seconds: float = Field(description="How long nobody worked.")
    left: int = Field(0, description="Jobs that wait on this machine alone until it works again.")
