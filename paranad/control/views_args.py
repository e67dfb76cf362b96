"""Shows the arguments of a job."""

from paranad.catalogue import is_own
from paranad.log.redaction import without_secrets
from paranad.queue.model import Job, Json
from paranad.shipments.phone import without_mobiles_in


def shown_args(job: Job) -> dict[str, Json]:
    """Return the arguments of *job*; those of an own task, which may be anything, without secrets and whole phones."""
    args = dict(job.args)
    if not is_own(job.task):  # ids, days, names of statuses
        return args
    return {name: without_mobiles_in(value) for name, value in without_secrets(args).items()}
