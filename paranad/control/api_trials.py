"""Routes that try what leads outside: the courier's account, the alert command, the daily digest."""

from paranad.alerts.command import Told
from paranad.control import schemas_acts, schemas_digest
from paranad.control.bodies import router_of
from paranad.control.framework import Response
from paranad.control.routes import DaemonDep, ViewsDep, answer, answers
from paranad.control.views import said_fields

router = router_of("trials", "/v1")


@router.post("/courier/test", responses=answers(schemas_acts.CourierTest))
async def try_courier(daemon: DaemonDep, show: ViewsDep) -> Response:
    """Log in at the courier and ask for the orders created today: two requests, within the rate."""
    trial = await daemon.parts.try_courier()
    return answer(
        schemas_acts.CourierTest(
            accepted=trial.accepted,
            merchant=trial.is_merchant,
            login_s=trial.login_s,
            rows=trial.rows,
            unreadable=trial.unreadable,
            list_s=trial.list_s,
            **said_fields(trial.reason),
            again_at=show.at_or_none(trial.again_at),
            limiter=show.courier(daemon.parts.outside).limiter,
        )
    )


@router.post("/alerts/test", responses=answers(schemas_acts.AlertTest))
async def try_alert(daemon: DaemonDep) -> Response:
    """Run the alert command once with a document of kind `test`; 409 if there is no command."""
    return answer(show_told(await daemon.parts.alerts.notifier.try_out()))


@router.get("/alerts/digest", responses=answers(schemas_digest.Digest))
async def show_digest(daemon: DaemonDep, show: ViewsDep) -> Response:
    """Count the last 24 hours as the daily digest does; nothing is sent."""
    return answer(show.digest(await daemon.parts.digests.now(), daemon.parts.digests.language))


@router.post("/alerts/digest", responses=answers(schemas_acts.AlertTest))
async def send_digest(daemon: DaemonDep) -> Response:
    """Run the alert command once with a digest of the last 24 hours; 409 if there is no command."""
    return answer(show_told(await daemon.parts.digests.send_now()))


def show_told(told: Told) -> schemas_acts.AlertTest:
    """Show how one run of the alert command went."""
    return schemas_acts.AlertTest(
        done=told.failed is None, seconds=told.seconds, output=told.output, **said_fields(told.failed)
    )
