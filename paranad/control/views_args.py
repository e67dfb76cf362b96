"""Shows the arguments of a job."""

from paranad.catalogue import CATALOGUE
from paranad.log.redaction import without_secrets
from paranad.queue.model import Job, Json
from paranad.shipments.phone import without_mobiles


def shown_args(job: Job) -> dict[str, Json]:
    """Return the arguments of *job*; those of an own task, which may be anything, without secrets and whole phones."""
    args = dict(job.args)
    if job.task in CATALOGUE:  # ids, days, names of statuses
        return args
    return {name: _without_mobiles(value) for name, value in without_secrets(args).items()}


def _without_mobiles(value: Json) -> Json:
    match value:
        case str():
            return without_mobiles(value)
        case int() if without_mobiles(str(value)) != str(value):
            return without_mobiles(str(value))
        case list():
            return [_without_mobiles(each) for each in value]
        case dict():
            return {key: _without_mobiles(each) for key, each in value.items()}
        case _:
            return value
