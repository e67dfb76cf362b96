"""Every act of the pages: which fields it takes, what it asks first, what it does, and what is said of it afterwards.

An act that cannot be undone asks first: its question is a page whose form posts again with `sure`. What the daemon
refuses is said with cause and cure; a second click is told what is so now. What is not listed here does not exist.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from http import HTTPStatus

from paranad.cli.commands.dispatch import enqueued_words, sync_words
from paranad.cli.commands.jobs import PAGE, retried_words, woken_words
from paranad.cli.commands.shipments import reconciled_words, resend_words
from paranad.cli.options import WAITING_STATES
from paranad.cli.problems import problem_words
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import Text, say
from paranad.cli.words import is_repeat, said_words, state_words
from paranad.control.client import LATE, ControlClient
from paranad.errors import DaemonUnreachable, InvalidRequest, NotFound, NotPermitted, ParanadError, Unconfirmed
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.web.asked import folded, is_away, number
from paranad.web.links import CREATE_SHIPMENT
from paranad.web.muting import mute, typed_length, unmute
from paranad.web.page import Act, Choice, Field, Form, Page, Piece, View
from paranad.web.pages.compared import comparison, courier_id_field
from paranad.web.pausing import PAUSE, PLACES, ask_pause, ask_resume, pause, pause_inputs, resume
from paranad.web.question import MISSING, Fields, Question, Told
from paranad.wording import quotable

NO_SUCH_ACT = Sentence("web.no_such_act", 'there is no act "{name}" on these pages')
NOT_DECIDED_HERE = Sentence(
    "web.not_decided_here",
    "nothing is decided on this page: settle, resend, send, cancel and forget stay with paranadctl, "
    "unless [web] decide = true",
)
UNEXPECTED = Sentence("web.field_unexpected", "unexpected: {names}")
ANOTHER_TYPED = Sentence("web.another_typed", 'nothing was done: expected {expected} to be typed, got "{got}"')

OF_THE_FORM = frozenset({"key", "back", "sure", "typed"})
"""What a form sends beside the act's own fields."""
COURIER_S = 50.0
"""How long the page waits for the courier: a web server before it waits a minute."""


@record
class Action:
    """What can be done."""

    do: Callable[[ControlClient, Fields], Told]
    needs: Sequence[str] = ()
    """Fields that it must have."""
    takes: Sequence[str] = ()
    """Fields that it may have."""
    ask: Callable[[View, Fields], "Question | Told | None"] | None = None
    """Returns what is asked before; or that there is nothing to do, and nothing is done; None: these fields are done
    unasked, however things stand, which may change until then."""
    inputs: Callable[[Fields], Sequence[Choice | Field]] = field(default=lambda _: ())
    """What a person typed for it, to be typed again after a refusal."""
    decides: bool = False
    """Whether it settles if a parcel goes, or ends a job for good: a phone offers it only with `[web] decide`."""
    here: bool = False
    """Whether a daemon that stands by does it too: it concerns that machine alone."""


def perform(name: str, view: View, client: ControlClient, form: Fields, back: str) -> Page | Told:
    """Do what *form* asks, or return the page that asks first, or that says why not and lets it be asked again.

    Args:
        name: of the act.
        view: what a page is made from.
        client: does it.
        form: the fields that were sent.
        back: where the form came from.

    Raises:
        NotFound: there is no such act.
        NotPermitted: it is a decision, and decisions are not made on this page.
    """
    action = ACTIONS.get(name)
    if action is None:
        raise NotFound(NO_SUCH_ACT(name=quotable(name)))
    if action.decides and not view.decide:
        raise NotPermitted(NOT_DECIDED_HERE())
    sent = {each: value for each, value in form.items() if each not in OF_THE_FORM}
    try:
        fields = _fields(action, sent)
        now = replace(view, client=client)  # what is asked tells how things stand, not how they stood a second ago
        question = action.ask(now, fields) if action.ask else None
        if isinstance(question, Told):
            return question
        if question and (page := _unanswered(name, fields, question, form, back)):
            return page
        return action.do(client, fields)
    except ParanadError as error:
        return _refused(name, view, sent, error, back)


def _fields(action: Action, sent: Fields) -> Fields:
    """Return the act's own fields.

    Raises:
        InvalidRequest: one is missing, or not the act's.
    """
    if missing := [name for name in action.needs if not sent.get(name, "").strip()]:
        raise InvalidRequest(MISSING(field=missing[0]))
    if unexpected := sorted(set(sent) - {*action.needs, *action.takes}):
        raise InvalidRequest(UNEXPECTED(names=[quotable(each) for each in unexpected]))
    return {name: value.strip() for name, value in sent.items() if value.strip()}


def _unanswered(name: str, fields: Fields, question: Question, form: Fields, back: str) -> Page | None:
    """Return the page that asks *question*; None if *form* answers it."""
    got = folded(form.get("typed", ""))
    if form.get("sure") and got == question.typed:
        return None
    wrong: list[Piece] = []
    if form.get("sure"):
        said = ANOTHER_TYPED(expected=question.typed, got=quotable(got))
        wrong.append(Line(said_words(said), Style.BAD))
    inputs = [*question.inputs]
    if question.typed:
        inputs.append(Field("typed", say("type {text} to do it", text=question.typed), numeric=True))
    act = Act(name, question.label, {**fields, "sure": "1"}, question.style)
    return Page(question.title, [*wrong, *question.says, Form(act, inputs, back)], live=False)


def _refused(name: str, view: View, sent: Fields, error: ParanadError, back: str) -> Page | Told:
    """Say why it was not done; what was typed or answered stays, so that it can be asked again."""
    lines, inputs = list(problem_words(error, view.language)), ACTIONS[name].inputs(sent)
    if isinstance(error, Unconfirmed):
        label, fields = say("Take it although the courier does not confirm it"), {**sent, "unconfirmed": "1"}
        form = Form(Act(name, label, fields, Style.BAD), (), back)
    elif inputs or is_away(error):
        hidden = {each: value for each, value in sent.items() if each not in {each.name for each in inputs}}
        form = Form(Act(name, say("Try again"), hidden), inputs, back)
    else:
        return Told(lines)
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_away(error) else error.status
    return Page(say("Not done"), [*lines, form], live=False, status=status)


def _retry(client: ControlClient, fields: Fields) -> Told:
    return Told(list(retried_words([client.post("jobs", number("id", fields["id"]), "retry")])))


def _retry_all(client: ControlClient, fields: Fields) -> Told:
    retried = client.post("failed", "retry", task=fields.get("task"), queue=fields.get("queue"))["items"]
    back = sum(1 for each in retried if each["covered_by"] is None)
    if len(retried) <= FEW:
        return Told(list(retried_words(retried)))
    lines = [Line(say("put back: {count:job}", count=back), Style.GOOD)]
    if covered := len(retried) - back:
        lines.append(Line(say("still failed, because another job already does the same: {count:job}", count=covered)))
    return Told(lines)


def _ask_retry_all(view: View, fields: Fields) -> Question | Told:
    count = _counted(view, {"state": "failed", **fields})
    if count is None:
        return Told(list(retried_words([])))
    says = [Line(say("back to their queue with fresh tries: {count}", count=count)), *_filter_lines(fields)]
    return Question(say("Retry all of these failed jobs?"), says, say("Retry them"))


def _wake(client: ControlClient, fields: Fields) -> Told:
    body = {"ids": [number("id", fields["id"])]} if "id" in fields else {}
    return Told(list(woken_words(client.post("jobs", "wake", body=body, task=fields.get("task")))))


def _ask_wake(view: View, fields: Fields) -> Question | Told | None:
    if "id" in fields:
        return None
    counts = tuple(
        say("{state}: {count}", state=state_words(state), count=count)
        for state in WAITING_STATES
        if (count := _counted(view, {"state": state, **fields}, begun=True))
    )
    if not counts:
        return Told(list(woken_words({"items": [], "woken": 0})))
    says = [
        Line(counts),
        Line(say("what was snoozed or waits for another try is due now; what a person put off stays so")),
        *_filter_lines(fields),
    ]
    return Question(say("Run all of these waiting jobs now?"), says, say("Run them now"))


def _cancel(client: ControlClient, fields: Fields) -> Told:
    job_id = number("id", fields["id"])
    client.post("jobs", job_id, "cancel")
    return Told([Line(say("job {id} is cancelled", id=job_id))])


def _ask_cancel(view: View, fields: Fields) -> Question:
    job = view.client.get("jobs", number("id", fields["id"]))
    says = [
        Line(say("{task}, {state}", task=job["task"], state=state_words(job["state"]))),
        Line(say("it ends for good, and what it was to do is not done"), Style.WARN),
    ]
    return Question(say("Cancel job {id}?", id=job["id"]), says, say("Cancel the job"), Style.BAD)


def _forget(client: ControlClient, fields: Fields) -> Told:
    job_id = number("id", fields["id"])
    client.delete("jobs", job_id)
    return Told([Line(say("job {id} is forgotten", id=job_id))], href="/failed")


def _ask_forget(view: View, fields: Fields) -> Question:
    job = view.client.get("jobs", number("id", fields["id"]))
    says = [
        Line(say("{task}, {state}", task=job["task"], state=state_words(job["state"]))),
        Line(say("the job is deleted with its attempts; it cannot be retried afterwards"), Style.WARN),
    ]
    return Question(say("Forget job {id}?", id=job["id"]), says, say("Forget the job"), Style.BAD)


FEW = 5
"""Of so many jobs each is named, of more only their number."""


def _counted(view: View, query: Fields, *, begun: bool = False) -> Text | None:
    """Return how many jobs a filter finds; None if it finds none.

    Args:
        view: asks the daemon.
        query: the filter.
        begun: count those alone that have started once: a job that has not was put off by a person.
    """
    page = view.client.get("jobs", limit=PAGE, **query)
    count = sum(1 for job in page["items"] if job["started_at"] or not begun)
    if page["next_cursor"]:
        return say("more than {count:job}", count=count)
    return say("{count:job}", count=count) if count else None


def _filter_lines(fields: Fields) -> list[Line]:
    labels = {"task": say("task"), "queue": say("queue")}
    return [Line(say("{name}: {value}", name=labels[name], value=value)) for name, value in sorted(fields.items())]


def _run(client: ControlClient, fields: Fields) -> Told:
    return Told([Line(enqueued_words(client.post("schedule", fields["entry"], "run")), Style.GOOD)])


def _sync(client: ControlClient, _: Fields) -> Told:
    return Told([Line(sync_words(job), Style.GOOD) for job in client.post("sync", body={})["items"]])


def _reconcile(client: ControlClient, _: Fields) -> Told:
    try:
        return Told(list(reconciled_words(client.post("shipments", "reconcile", timeout_s=COURIER_S))))
    except DaemonUnreachable as error:
        reason = error.said.values.get("reason")
        if not (isinstance(reason, Said) and reason.code == LATE.code):
            raise
        return Told([Line(say("the courier's list is not there yet; the daemon goes on, so look again in a minute"))])


def _settle(client: ControlClient, fields: Fields) -> Told:
    order_id, courier_id = number("order", fields["order"]), str(number("courier_id", fields["courier_id"]))
    body = {"courier_id": courier_id, "unconfirmed": bool(fields.get("unconfirmed"))}
    shipment = client.post("shipments", order_id, "settle", body=body, timeout_s=COURIER_S)
    done = say("courier order {id} is the shipment of order {order}", id=courier_id, order=order_id)
    lines = [Line(done, Style.GOOD)]
    if shipment["state"] != "recorded":
        lines.append(Line(say("the shop's row is written when its database answers"), Style.WARN))
    return Told(lines)


def _ask_settle(view: View, fields: Fields) -> Question | None:
    order_id, courier_id = number("order", fields["order"]), str(number("courier_id", fields["courier_id"]))
    compared = view.client.get("shipments", order_id, "candidates")
    says: list[Piece] = [
        Line(say("the courier is asked for it, and the shop's row is linked to the order; nothing is sent")),
    ]
    if fields.get("unconfirmed"):
        says.append(Line(say("it is taken although the courier does not confirm it"), Style.WARN))
    title = say("Is courier order {id} the shipment of order {order}?", id=courier_id, order=order_id)
    return Question(title, [*says, *comparison(compared, view.now, only=courier_id)], say("Yes, it is"))


def _typed_courier_id(fields: Fields) -> Sequence[Field]:
    return [courier_id_field(fields.get("courier_id", ""))]


def _send(client: ControlClient, fields: Fields) -> Told:
    order_id = number("order", fields["order"])
    job = client.post("jobs", body={"task": CREATE_SHIPMENT, "args": {"order_id": order_id}})
    return Told([Line(enqueued_words(job), Style.GOOD)])


def _ask_send(_: View, fields: Fields) -> Question:
    order_id = number("order", fields["order"])
    says = [Line(say("the courier gets it once, whoever else asks for it too"))]
    return Question(say("Send order {order} to the courier?", order=order_id), says, say("Send it"))


def _resend(client: ControlClient, fields: Fields) -> Told:
    order_id = number("order", fields["order"])
    client.post("shipments", order_id, "resend")
    return Told([Line(say("order {order} is sent, once", order=order_id), Style.GOOD)])


def _ask_resend(view: View, fields: Fields) -> Question:
    order_id = number("order", fields["order"])
    shipment = view.client.get("shipments", order_id)
    compared = view.client.get("shipments", order_id, "candidates")
    says = [Line(resend_words(shipment), Style.BAD), *comparison(compared, view.now)]
    if is_repeat(shipment):
        title, button = say("Send order {order} too?", order=order_id), say("Send it too")
    else:
        title, button = say("Send order {order} again?", order=order_id), say("Send it again")
    return Question(title, says, button, Style.BAD, str(order_id))


ACTIONS: Mapping[str, Action] = {
    "retry": Action(_retry, ["id"]),
    "retry-all": Action(_retry_all, takes=["task", "queue"], ask=_ask_retry_all),
    "wake": Action(_wake, takes=["id", "task"], ask=_ask_wake),
    "cancel": Action(_cancel, ["id"], ask=_ask_cancel, decides=True, here=True),
    "forget": Action(_forget, ["id"], ask=_ask_forget, decides=True, here=True),
    "run": Action(_run, ["entry"]),
    "pause": Action(pause, takes=[*PLACES, *PAUSE], ask=ask_pause, inputs=pause_inputs),
    "resume": Action(resume, takes=list(PLACES), ask=ask_resume, here=True),
    "mute": Action(mute, ["kind", "for"], inputs=typed_length, here=True),
    "unmute": Action(unmute, ["kind"], here=True),
    "sync": Action(_sync),
    "send": Action(_send, ["order"], ask=_ask_send, decides=True),
    "reconcile": Action(_reconcile, here=True),
    "settle": Action(
        _settle,
        ["order", "courier_id"],
        ["unconfirmed"],
        ask=_ask_settle,
        inputs=_typed_courier_id,
        decides=True,
    ),
    "resend": Action(_resend, ["order"], ask=_ask_resend, decides=True),
}
"""Every act by its name, which is the last part of its address: `/do/{name}`."""
ELSEWHERE = frozenset(name for name, action in ACTIONS.items() if not action.here)
"""The acts that a daemon refuses while it stands by."""
