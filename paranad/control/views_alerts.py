"""Turns what is known of alerts into the API's forms."""

from paranad.alerts.incident import Incident, summed
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.mutes import MUTABLE, Mute
from paranad.alerts.service import Alerts
from paranad.control import schemas, schemas_alerts
from paranad.control.views import Views, said_fields


def show_alerting(alerts: Alerts, show: Views) -> schemas_alerts.Alerting:
    """Show how somebody is told of trouble."""
    failing = alerts.health.failing
    return schemas_alerts.Alerting(
        open=sum(1 for incident in alerts.incidents.standing() if incident.over_at is None),
        muted=[show_mute(kind, mute, show) for kind, mute in alerts.mutes.standing().items()],
        failing=failing
        and schemas_alerts.FailingCommand(
            since=show.at(failing.since), times=failing.times, **said_fields(failing.why)
        ),
    )


def show_mute(kind: IncidentKind, mute: Mute, show: Views) -> schemas_alerts.Mute:
    """Show that nobody is told of *kind*."""
    return schemas_alerts.Mute(kind=kind, since=show.at(mute.since), until=show.at(mute.until), by=mute.by)


def show_alerts(alerts: Alerts, show: Views, limit: int) -> schemas_alerts.Alerts:
    """Show what stands, the newest first, at most *limit*, and who is told of it."""
    settings, standing = alerts.notifier.settings, alerts.incidents.standing()
    return schemas_alerts.Alerts(
        **dict(show_alerting(alerts, show)),
        command=next(iter(settings.command), None),
        language=settings.language,
        kinds=sorted(MUTABLE),
        items=[_incident(incident, alerts, show) for incident in reversed(standing[-limit:])],
        count=len(standing),
    )


def _incident(incident: Incident, alerts: Alerts, show: Views) -> schemas_alerts.Incident:
    mute = alerts.mutes.standing().get(incident.kind)
    message, cure = summed([incident])
    return schemas_alerts.Incident(
        kind=incident.kind,
        key=incident.key,
        state="over" if incident.over_at else "open",
        **said_fields(message, "message"),
        cure=cure and cure.text,
        cure_why=schemas.remark_of(cure),
        opened_at=show.at(incident.opened_at),
        over_at=show.at_or_none(incident.over_at),
        times_told=incident.times_told,
        muted_until=mute and show.at(mute.until),
        next_try_at=show.at_or_none(alerts.notifier.next_try_at(incident)),
    )
