"""The route about what was: the figures behind the page's pictures."""

from paranad.control import schemas_history as schemas
from paranad.control.bodies import router_of
from paranad.control.framework import Response
from paranad.control.routes import DaemonDep, ViewsDep, answer, answers
from paranad.control.views_history import show_past

router = router_of("history", "/v1")


@router.get("/history", responses=answers(schemas.History))
async def history(daemon: DaemonDep, show: ViewsDep) -> Response:
    """Tell shipments and failures a day, jobs an hour, the courier's rate by minutes, the last runs of each entry.

    What is not known, since it was not counted yet or is kept no longer, is null and never 0.
    """
    return answer(show_past(await daemon.parts.history.past(), show))
