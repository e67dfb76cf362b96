"""Routes that try what leads outside: the courier's account, the alert command."""

from fastapi import APIRouter, Response

from paranad.control import schemas_acts
from paranad.control.routes import DaemonDep, ViewsDep, answer, answers
from paranad.control.views import said_fields

router = APIRouter(prefix="/v1", tags=["trials"])


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
    told = await daemon.parts.alerts.notifier.try_out()
    return answer(
        schemas_acts.AlertTest(
            done=told.failed is None, seconds=told.seconds, output=told.output, **said_fields(told.failed)
        )
    )
