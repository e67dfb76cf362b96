"""Routes about the machines of which one works: how they stand, and a planned change."""

from paranad.control import schemas, schemas_standby
from paranad.control.bodies import router_of
from paranad.control.framework import Response
from paranad.control.routes import DaemonDep, ViewsDep, answer, answers
from paranad.control.views import said_fields
from paranad.control.views_standby import show_standby
from paranad.errors import ParanadError
from paranad.standby.setup import Setup, Trouble

router = router_of("standby", "/v1/standby")


@router.get("", responses=answers(schemas_standby.Report))
async def standby(daemon: DaemonDep, show: ViewsDep) -> Response:
    """Tell which machine works and which stand by. The table is read, not tried: that is for `setup`."""
    if daemon.parts.standby:
        await daemon.parts.standby.look()
    shown, troubles = show_standby(daemon, show), []
    if shown and shown.trouble:
        known = {"why": shown.trouble_why, "cure": shown.cure, "cure_why": shown.cure_why}
        troubles.append(schemas_standby.Trouble(reason=shown.trouble, **known))
    return answer(schemas_standby.Report(standby=shown, sql=Setup(daemon.parts.shop).sql, troubles=troubles))


@router.get("/setup", responses=answers(schemas_standby.Report))
async def setup(daemon: DaemonDep, show: ViewsDep) -> Response:
    """Tell whether the table of the lease can be used: each right on it is tried, and nothing changed."""
    table = Setup(daemon.parts.shop)
    try:
        troubles = await table.examine()
    except ParanadError as error:  # the shop's database does not answer
        troubles = [Trouble(error.said, None)]
    return answer(
        schemas_standby.Report(
            standby=show_standby(daemon, show),
            sql=table.sql,
            troubles=[
                schemas_standby.Trouble(
                    **said_fields(each.reason),
                    cure=each.cure and each.cure.text,
                    cure_why=schemas.remark_of(each.cure),
                )
                for each in troubles
            ],
        )
    )


@router.post("/yield", responses=answers(schemas_standby.HandedOver))
async def hand_over(daemon: DaemonDep) -> Response:
    """Finish what runs, give the lease up and wait until another machine works; this daemon then ends with 69.

    409 if no other machine stands by, or if none takes over within ten seconds: then this one works on.
    """
    handed_over = await daemon.hand_over()
    return answer(
        schemas_standby.HandedOver(machine=handed_over.machine, seconds=handed_over.seconds, left=handed_over.left)
    )
