"""`paranadctl shipments`: the shipment journal, and a person's decision on what is held."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from paranad.cli.jobs import fetch, note_more
from paranad.cli.options import Limit, OrderId, ShipmentState
from paranad.cli.render import Block, Cell, Heading, Line, Style, Table
from paranad.cli.session import Json, Session
from paranad.cli.times import moment
from paranad.cli.words import shipment_advice

STYLES = {"held": Style.BAD, "intended": Style.WARN, "created": Style.WARN, "recorded": Style.GOOD}
COURIER_ID = typer.Option("--courier-id", metavar="ID", help="The courier's id of the order that is this shipment.")
YES = typer.Option("--yes", help="Do not ask.")

RECONCILE_S = 300.0
"""How long it may take: the courier's list may have to wait for its turn."""
RECONCILED = "looked_at", "settled", "held", "waiting"

RESEND = (
    "a second create-order request is sent for order {order}; if the courier has the first, the customer gets two "
    "parcels: look in the courier's own list before"
)


def list_shipments(context: typer.Context, state: ShipmentState = None, limit: Limit = 25) -> None:
    """List shipments that are not yet recorded, and why."""
    session: Session = context.obj
    answer = fetch(session, "shipments", limit=limit, state=state)
    session.answer(answer, lambda page: _shipments_words(page["items"], session.now()))
    note_more(session, answer)


def show_shipment(context: typer.Context, order_id: OrderId) -> None:
    """Show what is known of one order's shipment."""
    session: Session = context.obj
    answer = session.client.get("shipments", order_id)
    session.answer(answer, lambda shipment: shipment_words(shipment, session.now()))


def settle(context: typer.Context, order_id: OrderId, courier_id: Annotated[str, COURIER_ID]) -> None:
    """Say which courier order is the shipment."""
    session: Session = context.obj
    answer = session.client.post("shipments", order_id, "settle", body={"courier_id": courier_id})
    session.answer(answer, lambda shipment: shipment_words(shipment, session.now()))


def resend(context: typer.Context, order_id: OrderId, yes: Annotated[bool, YES] = False) -> None:
    """Send a shipment again: the courier does not have it."""
    session: Session = context.obj
    session.note(RESEND.format(order=order_id), Style.WARN)
    if not yes:
        _confirm(session, order_id)
    answer = session.client.post("shipments", order_id, "resend")
    session.answer(answer, lambda shipment: shipment_words(shipment, session.now()))


def reconcile(context: typer.Context) -> None:
    """Compare the shipment journal with the courier's list now."""
    session: Session = context.obj
    session.answer(session.client.post("shipments", "reconcile", timeout_s=RECONCILE_S), _reconciled_words)


def _confirm(session: Session, order_id: int) -> None:
    """Let the person type the order's id.

    Raises:
        typer.BadParameter: nobody can be asked.
        typer.Exit: something else was typed.
    """
    if not session.interactive:
        raise typer.BadParameter(f"nobody can be asked here; if you are sure, write: shipments resend {order_id} --yes")
    session.err.write(f"type {order_id} to send it: ")
    session.err.flush()
    if input().strip() != str(order_id):
        session.note("not sent")
        raise typer.Exit(1)


def _shipments_words(shipments: list[Json], at: datetime) -> Iterator[Block]:
    if not shipments:
        yield Line("every shipment is recorded", Style.GOOD)
        return
    yield Table(["#order", "state", "reference", "courier id", "since", "why"], [_row(each, at) for each in shipments])
    if any(each["state"] == "held" for each in shipments):
        yield Line("")
        yield Line("held ones need a person: paranadctl shipments show ORDER", Style.BAD)


def _row(shipment: Json, at: datetime) -> list[str | int | Cell]:
    state = shipment["state"]
    return [
        shipment["order_id"],
        Cell(state, STYLES.get(state, Style.NONE)),
        shipment["reference"],
        shipment["courier_id"] or "-",
        moment(shipment["intended_at"], at),
        shipment["reason"] or "",
    ]


def shipment_words(shipment: Json, at: datetime) -> Iterator[Block]:
    """Yield everything known of one shipment, and what a person can do."""
    state = shipment["state"]
    yield Line(f"shipment of order {shipment['order_id']}", Style.HEADING)
    yield Table(["", ""], _facts(shipment, at))
    advice = shipment_advice(state, shipment["order_id"])
    yield Line(f"what it means: {advice.cause}", STYLES.get(state, Style.NONE))
    yield Line(f"what to do: {advice.cure}")
    if shipment["attempts"]:
        yield Heading("Attempts")
        columns = ["#", "sent", "phone", "#price", "outcome", "detail"]
        yield Table(columns, [_attempt(each, at) for each in shipment["attempts"]])


def _attempt(attempt: Json, at: datetime) -> list[str | int | Cell]:
    sent = moment(attempt["sent_at"], at)
    return [attempt["number"], sent, attempt["phone"], attempt["price"], attempt["outcome"], attempt["detail"] or ""]


def _facts(shipment: Json, at: datetime) -> list[list[str | int | Cell]]:
    facts: list[tuple[str, str | Cell | None]] = [
        ("state", Cell(shipment["state"], STYLES.get(shipment["state"], Style.NONE))),
        ("reason", shipment["reason"]),
        ("reference", shipment["reference"]),
        ("courier id", shipment["courier_id"]),
        *((name, moment(at_, at)) for name in ("intended", "created", "recorded") if (at_ := shipment[f"{name}_at"])),
    ]
    return [[name, value] for name, value in facts if value is not None]


def _reconciled_words(answer: Json) -> Iterator[Block]:
    yield Line(", ".join(f"{name.replace('_', ' ')} {answer[name]}" for name in RECONCILED))
    if answer["held"]:
        yield Line("held ones need a person: paranadctl shipments list --state held", Style.BAD)
