"""The pages of jobs: any job by filters, the failed ones, and one job with its attempts."""

from collections.abc import Iterator, Mapping, Sequence

from paranad.cli.commands.jobs import job_words, jobs_table
from paranad.cli.commands.pauses import standing_words
from paranad.cli.options import ENDED_STATES, JOB_STATES, WAITING_STATES
from paranad.cli.results import args_words
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import Text, say
from paranad.cli.screen.times import moment
from paranad.cli.session import Json
from paranad.cli.words import fact_words, state_words
from paranad.errors import ParanadError
from paranad.web.asked import hear, typed
from paranad.web.links import FAILED, JOBS, LOG, ORDERS, address, below
from paranad.web.page import Act, Acts, Card, Cards, Choice, Field, Filter, Link, Linked, Page, Pager, Piece, View

SHOWN = 25
"""How many jobs a page of a list holds."""


def jobs(view: View) -> Page:
    """Show jobs by state, task, queue, order and text, the newest first."""
    asked = typed(view.query, "state", "task", "queue", "order", "cursor")
    asked["text"] = view.query.get("text", "").strip() or None
    heard = hear(view, lambda: view.client.get("jobs", limit=SHOWN, **asked))
    pieces: list[Piece] = [_filter(view, asked), *heard.problem]
    if heard.answer is not None:
        pieces += [*standing_words(view.client.get("status"), view.now), *_listed(heard.answer, view, asked)]
    return Page(say("Jobs"), pieces, slowly=asked["text"] is not None)


def _filter(view: View, asked: Mapping[str, str | None]) -> Filter:
    states = [(state, state_words(state)) for state in JOB_STATES]
    return Filter(
        [
            choice("state", say("state"), asked, states),
            *task_and_queue(view, asked),
            Field("order", say("order"), asked["order"] or "", numeric=True),
            Field("text", say("text"), asked["text"] or "", hint=say("in its task, arguments, error or result")),
        ]
    )


def _listed(page: Json, view: View, asked: Mapping[str, str | None]) -> Iterator[Piece]:
    items = page["items"]
    if items and asked["state"] in WAITING_STATES and not (asked["queue"] or asked["order"] or asked["text"]):
        yield Act("wake", say("Run all that wait now"), {"task": task} if (task := asked["task"]) else {})
    if items:
        yield Linked(jobs_table(items, view.now), [below(JOBS, job["id"]) for job in items])
    else:
        yield Line(say("no such job") if not page["next_cursor"] else say("no such job among those looked through"))
    yield Pager(page["next_cursor"] and address(JOBS, **{**asked, "cursor": page["next_cursor"]}))


def choice(
    name: str,
    label: Text,
    asked: Mapping[str, str | None],
    known: Sequence[tuple[str, Text]],
    every: Text | None = None,
) -> Choice:
    """Return a choice among the *known*; a value that is not among them stays in sight."""
    value = asked[name] or ""
    odd = [(value, value)] if value and value not in dict(known) else []
    return Choice(name, label, value, [("", say("any") if every is None else every), *known, *odd])


def task_and_queue(view: View, asked: Mapping[str, str | None]) -> Iterator[Choice | Field]:
    """Yield the inputs for a task and a queue: a choice if the daemon says what there is, else a line to type in."""
    try:
        tasks = [(task["name"], task["name"]) for task in view.client.get("tasks")["items"]]
        yield choice("task", say("task"), asked, tasks)
    except ParanadError:
        yield Field("task", say("task"), asked["task"] or "")
    try:
        queues = [(queue["name"], queue["name"]) for queue in view.client.get("status")["queues"]]
        yield choice("queue", say("queue"), asked, queues)
    except ParanadError:
        yield Field("queue", say("queue"), asked["queue"] or "")


def job(view: View, id_: int) -> Page:
    """Show one job with its attempts, and what can be done about it."""
    found = view.client.get("jobs", id_)
    _, *rest = job_words(found, view.now)  # its heading is the page's title
    title = say("job {id}: {task}", id=found["id"], task=found["task"])
    args = args_words(found["args"])
    pieces: list[Piece] = [
        *([Line(args, Style.DIM)] if args else []),
        Acts(list(acts_of(found, decide=view.decide))),
        *rest,
    ]
    order_id = found["args"].get("order_id")
    if isinstance(order_id, int):
        pieces.append(Link(say("order {order}", order=order_id), below(ORDERS, order_id)))
    pieces.append(Link(say("its lines of the log"), address(LOG, job=id_)))
    return Page(title, pieces)


def acts_of(job: Json, *, decide: bool) -> Iterator[Act]:
    """Yield what can be done about a job in its state; with *decide* also what ends it for good."""
    fields = {"id": str(job["id"])}
    if job["state"] == "failed":
        yield Act("retry", say("Retry"), fields, Style.GOOD)
        if decide:
            yield Act("forget", say("Forget"), fields, Style.BAD)
    if job["state"] in WAITING_STATES:
        yield Act("wake", say("Run it now"), fields, Style.GOOD)
    if decide and job["state"] not in ENDED_STATES:
        yield Act("cancel", say("Cancel"), fields, Style.BAD)


def failed(view: View) -> Page:
    """Show the jobs that failed, each with its retry, and the retry of all of them."""
    asked = typed(view.query, "task", "queue", "cursor")
    heard = hear(view, lambda: view.client.get("jobs", state="failed", limit=SHOWN, **asked))
    pieces: list[Piece] = [Filter(list(task_and_queue(view, asked))), *heard.problem]
    if heard.answer is not None:
        pieces += _failed_jobs(heard.answer, view, asked)
    return Page(say("Failed jobs"), pieces)


def _failed_jobs(page: Json, view: View, asked: Mapping[str, str | None]) -> Iterator[Piece]:
    if not page["items"]:
        yield Line(say("no failed job"), Style.GOOD)
        return
    narrowed = {name: value for name in ("task", "queue") if (value := asked[name])}
    yield Act("retry-all", say("Retry all of these") if narrowed else say("Retry all"), narrowed)
    yield Cards([_failed_card(job, view) for job in page["items"]])
    yield Pager(page["next_cursor"] and address(FAILED, **{**asked, "cursor": page["next_cursor"]}))


def _failed_card(job: Json, view: View) -> Card:
    pieces: list[Piece] = [
        Line(fact_words(job, "error"), Style.BAD),
        Line(moment(job["finished_at"], view.now), Style.DIM),
        Acts(list(acts_of(job, decide=view.decide))),
    ]
    return Card(say("job {id}: {task}", id=job["id"], task=job["task"]), pieces, below(JOBS, job["id"]))
