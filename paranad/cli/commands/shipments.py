"""`paranadctl shipments`: the shipment journal, and a person's decision on what is held."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

from paranad.cli.commands.jobs import fetch, note_more
from paranad.cli.options import YES, Limit, OrderId, ShipmentState
from paranad.cli.options import courier_id as read_courier_id
from paranad.cli.parsing import Misuse, Option
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table, columns
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import moment
from paranad.cli.session import Json, Session
from paranad.cli.words import Advice, fact_words, is_repeat, named_state, shipment_advice, state_words
from paranad.said import Sentence

STYLES = {"held": Style.BAD, "intended": Style.WARN, "created": Style.WARN, "recorded": Style.GOOD}
COURIER_ID = Option("--courier-id ID", "The courier's id of the order that is this shipment.", read_courier_id)
SURE = Option("--yes", "Take it although the courier does not confirm it.")

NOBODY_ASKED = Sentence(
    "usage.nobody_asked", "nobody can be asked here; if you are sure: paranadctl shipments resend {order} --yes"
)
RECONCILE_S = 300.0
"""How long `reconcile` may take: the request for the courier's list may have to wait for its turn."""
RECONCILED = "looked at {looked_at}, settled {settled}, held {held}, waiting {waiting}"
COUNTS = "looked_at", "settled", "held", "waiting"
INSTANTS = "intended", "created", "recorded"

ALL_RECORDED = "every shipment that was begun is recorded"
MATCHED = "the restored queue.db is matched with the courier's list: shipments are sent again"
UNMATCHED = (
    "the courier's list came with rows that cannot be read, so the restored queue.db is not matched: no shipment is "
    "sent; try again: paranadctl shipments reconcile"
)
SEND_TOO = (
    "order {order} is sent as well: another order of the same day has the same phone and price, and the customer gets "
    "both parcels"
)
RESEND = (
    "a second create-order request is sent for order {order}; if the courier has the first, the customer gets two "
    "parcels: look in the courier's own list before"
)


def list_shipments(session: Session, state: ShipmentState = None, limit: Limit = 25) -> None:
    """List shipments that are not yet recorded, and why."""
    answer = fetch(session, "shipments", limit=limit, state=state)
    session.answer(answer, lambda page: _shipments_words(page["items"], session.now(), of_a_state=state is not None))
    note_more(session, answer)


def show_shipment(session: Session, order_id: OrderId) -> None:
    """Show what is known of one order's shipment."""
    answer = session.client.get("shipments", order_id)
    session.answer(answer, lambda shipment: shipment_words(shipment, session.now()))


def settle(
    session: Session,
    order_id: OrderId,
    courier_id: Annotated[str, COURIER_ID],
    yes: Annotated[bool, SURE] = False,
) -> None:
    """Say which courier order is the shipment."""
    body = {"courier_id": courier_id, "unconfirmed": yes}
    answer = session.client.post("shipments", order_id, "settle", body=body)
    session.answer(answer, lambda shipment: shipment_words(shipment, session.now()))


def resend(session: Session, order_id: OrderId, yes: Annotated[bool, YES] = False) -> None:
    """Send a held shipment: the courier lacks it, or both are wanted."""
    shipment = session.client.get("shipments", order_id)
    if shipment["state"] == "held":  # in any other state the daemon refuses, so the person is not asked
        session.note(resend_words(shipment), Style.WARN)
    else:
        yes = True
    if not yes:
        _confirm(session, order_id)
    answer = session.client.post("shipments", order_id, "resend")
    session.answer(answer, lambda shipment: shipment_words(shipment, session.now()))


def resend_words(shipment: Json) -> Phrase:
    """Return what a person should know before a held shipment is sent."""
    return say(SEND_TOO if is_repeat(shipment) else RESEND, order=shipment["order_id"])


def reconcile(session: Session) -> None:
    """Compare the shipment journal with the courier's list now."""
    session.answer(session.client.post("shipments", "reconcile", timeout_s=RECONCILE_S), reconciled_words)


def _confirm(session: Session, order_id: int) -> None:
    """Let the person type the order's id.

    Raises:
        Misuse: there is no terminal at which a person could answer.
        SystemExit: something else was typed.
    """
    if not session.interactive:
        raise Misuse(NOBODY_ASKED(order=order_id))
    session.err.write(session.aside(say("type {order} to send it:", order=order_id)) + " ")
    session.err.flush()
    if input().strip() != str(order_id):
        session.note(say("not sent"))
        raise SystemExit(1)


def _shipments_words(shipments: list[Json], at: datetime, *, of_a_state: bool) -> Iterator[Block]:
    if not shipments:
        yield Line(say("no such shipment")) if of_a_state else Line(say(ALL_RECORDED), Style.GOOD)
        return
    yield shipments_table(shipments, at)
    if any(each["state"] == "held" for each in shipments):
        yield Line("")
        yield Line(say("held ones need a person: paranadctl shipments show ORDER"), Style.BAD)


def shipments_table(shipments: Sequence[Json], at: datetime) -> Table:
    """Return shipments as a table, one a row."""
    names = columns("#order", "state", "reference", "courier id", "since", "why")
    return Table(names, [_row(each, at) for each in shipments])


def _row(shipment: Json, at: datetime) -> list[Text | Cell]:
    state = shipment["state"]
    return [
        shipment["order_id"],
        Cell(state_words(state), STYLES.get(state, Style.NONE)),
        shipment["reference"],
        shipment["courier_id"] or "-",
        moment(shipment["intended_at"], at),
        fact_words(shipment, "reason"),
    ]


def shipment_words(shipment: Json, at: datetime) -> Iterator[Block]:
    """Yield everything known of one shipment, and what a person can do."""
    yield Line(say("shipment of order {order}", order=shipment["order_id"]), Style.HEADING)
    yield from standing_words(shipment, at)
    yield Line(say("what to do: {cure}", cure=_advice(shipment).cure))
    yield from past_words(shipment, at)


def standing_words(shipment: Json, at: datetime) -> Iterator[Block]:
    """Yield where a shipment stands, and what that means."""
    yield Table(["", ""], _facts(shipment, at))
    yield Line(
        say("what it means: {meaning}", meaning=_advice(shipment).cause), STYLES.get(shipment["state"], Style.NONE)
    )


def past_words(shipment: Json, at: datetime) -> Iterator[Block]:
    """Yield a shipment's requests, and who else may have sent it."""
    if shipment["attempts"]:
        yield Heading(say("Attempts"))
        names = columns("#", "sent", "phone", "#price", "outcome", "detail")
        yield Table(names, [_attempt(each, at) for each in shipment["attempts"]])
    if shipment["suspicions"]:
        yield Heading(say("Others may have sent it"))
        yield Table(columns("known since", "why"), [_suspicion(each, at) for each in shipment["suspicions"]])


def _advice(shipment: Json) -> Advice:
    sent, repeat = bool(shipment["attempts"]), is_repeat(shipment)
    return shipment_advice(shipment["state"], shipment["order_id"], sent=sent, repeat=repeat)


def _attempt(attempt: Json, at: datetime) -> list[Text | Cell]:
    sent, outcome = moment(attempt["sent_at"], at), state_words(attempt["outcome"])
    return [attempt["number"], sent, attempt["phone"], attempt["price"], outcome, fact_words(attempt, "detail")]


def _suspicion(suspicion: Json, at: datetime) -> list[Text | Cell]:
    return [moment(suspicion["known_at"], at), fact_words(suspicion, "reason")]


def _look(look: Json | None, absences: int, at: datetime) -> Text | None:
    """Return what the courier's last list said of the shipment."""
    if look is None:
        return None
    said = fact_words(look, "reason") or say("it is not there ({absences} of 3 lists)", absences=absences)
    return moment(look["at"], at), said


def _going_on(shipment: Json, at: datetime) -> Text | None:
    """Return when the shipment's job goes on, and its reason to wait; None if there is no such job."""
    job = shipment.get("job")
    if job is None:
        return None
    reason = "" if job["reason"] == shipment["reason"] else fact_words(job, "reason")
    return moment(job["due_at"], at), say("job {id}", id=job["id"]), reason


def _facts(shipment: Json, at: datetime) -> list[list[Text | Cell]]:
    facts: list[tuple[Phrase, Text | Cell | None]] = [
        (say("state"), Cell(named_state(shipment["state"]), STYLES.get(shipment["state"], Style.NONE))),
        (say("reason"), fact_words(shipment, "reason") or None),
        (say("reference"), shipment["reference"]),
        (say("courier id"), shipment["courier_id"]),
        (say("confirmed"), say("not by the courier: a person said so") if shipment["unconfirmed"] else None),
        (say("courier's list"), _look(shipment["look"], shipment["absences"], at)),
        (say("list asked next"), shipment["next_look_at"] and moment(shipment["next_look_at"], at)),
        (say("goes on"), _going_on(shipment, at)),
        *((say(name), moment(at_, at)) for name in INSTANTS if (at_ := shipment[f"{name}_at"])),
    ]
    return [[name, value] for name, value in facts if value is not None]


def reconciled_words(answer: Json) -> Iterator[Line]:
    """Yield what comparing the shipment journal with the courier's list brought."""
    yield Line(say(RECONCILED, **{name: answer[name] for name in COUNTS}))
    matched = answer.get("matched")
    if matched:
        yield Line(say(MATCHED), Style.GOOD)
    elif matched is False:
        yield Line(say(UNMATCHED), Style.BAD)
    if answer["held"]:
        yield Line(say("held ones need a person: paranadctl shipments list --state held"), Style.BAD)
