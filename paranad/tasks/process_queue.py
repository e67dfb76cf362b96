"""The shop's own wrapper around two of its jobs: names one of them with its data, and that one is enqueued."""

from typing import Any

from pydantic import Field, JsonValue
from sqlalchemy import select

from paranad.catalogue import CREATE_SHIPMENT, PROCESS_QUEUE, SYNC_ORDERS
from paranad.errors import RequestError
from paranad.numbers import LARGEST_ID, as_number
from paranad.queue.model import Completed, Failed, Json, Outcome, Request
from paranad.said import Sentence
from paranad.shipments.send import NO_ORDER
from paranad.shop.database import Shop
from paranad.shop.tables import orders
from paranad.tasks.task import Arguments, Context, Tally, Task
from paranad.wording import quotable

SYNC_FIELDS = ("status_id", "date_from", "date_to")
KNOWN = ("create_shipment", "sync_orders")
OF_JOB = Sentence("job.of_type", "{job_type}: {reason}")
NO_ORDER_ID = Sentence("job.no_order_id", "job_data has no order_id; expected the id of an order")
UNKNOWN_JOB_TYPE = Sentence("job.unknown_type", 'unknown job_type "{job_type}"; known: {known}')


class ProcessQueueArguments(Arguments):
    """What is to be done, and with what; an empty list is PHP's empty array."""

    job_type: str = Field(description=f"what the shop wants done: {' or '.join(KNOWN)}")
    job_data: dict[str, JsonValue] | list[JsonValue] | None = Field(default=None, description="the arguments of that")
    tried_elsewhere: bool | None = Field(default=None, repr=False)
    """True: a worker of the shop had the job before, and may have sent the order."""
    row_created_at: int | None = Field(default=None, repr=False)
    """When the shop's row of `jobs` was made, in seconds since the epoch; None: the job came otherwise."""

    @property
    def data(self) -> dict[str, Any]:
        """The data by name."""
        return dict(self.job_data) if isinstance(self.job_data, dict) else {}


class ProcessQueue(Task[ProcessQueueArguments]):
    """`alwaseet:process-queue`: the courier's limit holds at its calls, so nothing is counted here."""

    facts = PROCESS_QUEUE
    arguments = ProcessQueueArguments
    hands_on = True

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def run(self, context: Context, args: ProcessQueueArguments) -> Outcome:
        """Enqueue the job that the shop names."""
        request = _request(args)
        if isinstance(request, Failed):
            return request
        if request.task == CREATE_SHIPMENT.name and await _is_gone(self.shop, request.args["order_id"]):
            return Failed(OF_JOB(job_type=args.job_type, reason=NO_ORDER(order=str(request.args["order_id"]))))
        try:
            [answer] = await context.enqueue([request])
        except RequestError as error:
            return Failed(OF_JOB(job_type=args.job_type, reason=error.said))
        job: dict[str, Json] = {"task": request.task, "job_id": answer.job_id, "duplicate": answer.duplicate}
        return Completed(Tally(looked_at=1, changed=1).as_json(enqueued=job))


async def _is_gone(shop: Shop, order_id: object) -> bool:
    """Tell whether the shop has no such order; a value that is no id is left for the other task to refuse."""
    row_id = as_number(order_id)
    if not isinstance(row_id, int) or not 0 < row_id <= LARGEST_ID:
        return False
    wanted = select(orders.c.id).where(orders.c.id == row_id)
    async with shop.read() as connection:
        return (await connection.execute(wanted)).first() is None


def _request(args: ProcessQueueArguments) -> Request | Failed:
    match args.job_type:
        case "create_shipment":
            order_id = args.data.get("order_id")
            if not order_id:
                return Failed(OF_JOB(job_type=args.job_type, reason=NO_ORDER_ID()))
            of_row = args.model_dump(include={"tried_elsewhere", "row_created_at"}, exclude_none=True)
            return Request(CREATE_SHIPMENT.name, {"order_id": order_id, **of_row})
        case "sync_orders":
            return Request(
                SYNC_ORDERS.name, {name: args.data[name] for name in SYNC_FIELDS if args.data.get(name) is not None}
            )
        case unknown:
            return Failed(UNKNOWN_JOB_TYPE(job_type=quotable(unknown), known=KNOWN))
