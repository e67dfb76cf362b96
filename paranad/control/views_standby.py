"""Turns what is known of the lease into the API's forms."""

from paranad.control import schemas, schemas_standby
from paranad.control.daemon import Daemon
from paranad.control.views import Views, said_fields
from paranad.standby.service import Standby
from paranad.standby.view import is_silent


def show_standby(daemon: Daemon, show: Views) -> schemas_standby.Standby | None:
    """Show how *daemon* stands among those of several machines; None: it works alone."""
    standby = daemon.parts.standby
    if standby is None:
        return None
    view = standby.view
    trouble = daemon.held_up or view.trouble
    return schemas_standby.Standby(
        role=view.role.value,
        machine=view.machine,
        works=view.holder_machine,
        silent=is_silent(view),
        before=_before(standby),
        since=show.at_or_none(view.since),
        standing_since=show.at_or_none(view.standing_since),
        term=view.term,
        claims=standby.may_claim(),
        handing_over=daemon.handover.asked.is_set(),
        **said_fields(view.why),
        trouble=trouble and trouble.text,
        trouble_why=schemas.remark_of(trouble),
        cure=view.cure and view.cure.text,
        cure_why=schemas.remark_of(view.cure),
        machines=[
            schemas_standby.Machine(
                machine=each.machine,
                role=each.role.value,
                version=each.version,
                seen_at=show.at_or_none(each.seen_at),
                present=each.present,
                itself=each.is_this,
            )
            for each in view.machines
        ],
    )


def _before(standby: Standby) -> str | None:
    """Return the other machine that worked before this one, or the one that was seen last; None: none is known."""
    if standby.taken and standby.taken.from_another and standby.taken.machine_before:
        return standby.taken.machine_before
    others = [each for each in standby.view.machines if not each.is_this]
    return max(others, key=lambda each: each.seen_at).machine if others else None
