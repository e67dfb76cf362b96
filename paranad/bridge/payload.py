"""What a row of Laravel's `jobs` table asks for: its payload read as a task with arguments.

Written by Laravel 8 to 13: JSON around PHP's serialize format. An absent property has its class's default.
Source: shop contract, sections 2 and 4.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import orjson

from paranad.bridge.own_rows import OWN, OWN_NAME, own_request
from paranad.bridge.shapes import read
from paranad.catalogue import (
    CREATE_SHIPMENT,
    NOTIFY_STATUS,
    PROCESS_QUEUE,
    SYNC_ORDERS,
    SYNC_STATUSES,
    UPDATE_ORDERS,
    UPDATE_SHIPMENTS,
    UPDATE_STATUS_COUNTS,
    TaskFacts,
)
from paranad.errors import ParanadError
from paranad.numbers import as_number
from paranad.php import PhpEnum, PhpError, PhpObject, PhpOpaque, PhpValue
from paranad.queue.model import Json, Request
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.listener import HANDLER, LISTENER, MODEL, SHIPMENT, STATUS_EVENT, STATUS_LISTENER
from paranad.wording import A_LIST, AN_OBJECT, JSON_KINDS

HEAD_BYTES = 4096
"""The beginning of a payload that is too long to be read: Laravel writes its class and uuid first."""
CLASS_CHARACTERS = 200
DATES = frozenset(
    {"Illuminate\\Support\\Carbon", "Carbon\\Carbon", "Carbon\\CarbonImmutable", "DateTime", "DateTimeImmutable"}
)
DAY_AND_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?")

NOT_JSON = Sentence("bridge.payload_not_json", "its payload is not JSON: {detail}")
NO_OBJECT = Sentence("bridge.payload_no_object", "its payload is no JSON object")
UNKNOWN_CLASS = Sentence("bridge.class_unknown", "its class is not known here")
MALFORMED = Sentence("bridge.payload_malformed", "byte {offset}: {detail}")
NO_COMMAND = Sentence("bridge.no_command", "data.command: expected a text")
ENCRYPTED = Sentence(
    "bridge.encrypted", "data.command: expected a serialized object; encrypted ones only the shop can read"
)
CHAINED = Sentence("bridge.chained", "it is part of a chain or a batch, which only the shop can carry on")
OTHER_CALL = Sentence("bridge.other_call", "expected a call of {class_name}@handle, got another one")
NO_SUCH_OBJECT = Sentence("bridge.no_such_object", "{property}: expected a {class_name}, got {got}")
NO_MODEL_ID = Sentence("bridge.no_model_id", "{property}: expected the id of one {class_name}, got {got}")
NO_FILTER = Sentence("bridge.no_filter", "{property}: expected a text or a number, got {got}")
NO_TEXT = Sentence("bridge.no_text", "{property}: expected a text, got {got}")
NO_DATE = Sentence("bridge.no_date", "expected a date, got a {class_name}")
DATE_UNREADABLE = Sentence("bridge.date_unreadable", "expected a date with its time zone, got one that cannot be read")
NO_JSON = Sentence("bridge.no_json", "expected what JSON can hold, got {got}")
NO_NUMBER = Sentence("bridge.no_number", "expected numbers that JSON can hold, got an infinite one or none")
KINDS: Mapping[type, Sentence] = {**JSON_KINDS, dict: A_LIST, PhpEnum: Sentence("bridge.an_enum", "an enum")}
"""What a value of PHP is called, without what it holds."""

_TEXT = rb'"\s*:\s*"((?:[^"\\]|\\.){1,400})"'
_NAME_IN_HEAD = re.compile(rb'"displayName' + _TEXT)
_UUID_IN_HEAD = re.compile(rb'"uuid' + _TEXT)
_JOB_IN_HEAD = re.compile(rb'"job' + _TEXT)


class PayloadError(ParanadError):
    """A payload of a class that the bridge knows cannot be decoded."""

    kind = "payload"
    status = 422


class ForPhp(PayloadError):
    """The payload is whole, and only PHP can work it."""


@record
class Decoded:
    """The row asks for a task."""

    uuid: str | None
    request: Request


@record
class Undecodable:
    """A class that the bridge knows, with content that cannot be used: the row is moved to `failed_jobs`."""

    uuid: str | None
    name: str
    reason: Said
    for_php: bool = False
    """PHP could work it."""


@record
class Unknown:
    """The row is left to a PHP worker."""

    name: str | None
    """The job's or the listener's class; None if it cannot be read."""
    reason: Said
    for_php: bool = False
    """PHP could work it, and would keep it in `failed_jobs` if it failed."""


Meaning: TypeAlias = Decoded | Undecodable | Unknown


@record
class RowHistory:
    """What a row tells of itself beside its payload: it decides whether its order may have been sent before."""

    tried: bool = False
    """A PHP worker has had the row before."""
    created_at: int | None = None
    """When the row was made, in seconds since the epoch: `queue:retry` makes a new row. None: the row does not say."""
    attempts: int = 0
    """How often a worker has had it, as the row itself says."""

    def as_args(self) -> dict[str, Json]:
        """Return the arguments for a task that may send an order."""
        tried: dict[str, Json] = {"tried_elsewhere": True} if self.tried else {}
        return tried if self.created_at is None else {**tried, "row_created_at": self.created_at}


@record
class Properties:
    """The properties of a job, a listener's event or a model, with the zone and the row's history to read them by."""

    values: Mapping[str, PhpValue]
    zone: ZoneInfo
    past: RowHistory

    def model(self, name: str, class_name: str) -> int:
        """Return the id of the model that *name* identifies."""
        model = _object(self.values.get(name), name, MODEL)
        if model.get("class") != class_name:
            raise PayloadError(NO_SUCH_OBJECT(property=name, class_name=class_name, got=_named(model.get("class"))))
        number = as_number(model.get("id"))
        if not isinstance(number, int) or isinstance(number, bool):
            raise PayloadError(NO_MODEL_ID(property=name, class_name=class_name, got=_named(number)))
        return number

    def filter(self, name: str) -> str | int | None:
        """Return a filter as the shop's job uses it: None for anything that PHP takes for false; a date as its day."""
        value = self.values.get(name)
        # "0" is false in PHP.
        if not value or value == "0":
            return None
        if isinstance(value, PhpObject):
            return _day(value, self.zone)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise PayloadError(NO_FILTER(property=name, got=_named(value)))
        match = DAY_AND_TIME.fullmatch(value) if isinstance(value, str) else None
        return match[1] if match else value

    def text(self, name: str) -> str:
        """Return a text, or a number as one."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise PayloadError(NO_TEXT(property=name, got=_named(value)))
        return str(value)


Reader: TypeAlias = Callable[[Properties], Request]


def decode(raw: bytes, *, zone: ZoneInfo, past: RowHistory) -> Meaning:
    """Return what the payload *raw* asks for; no content of *raw* raises an error. *zone* is the shop's."""
    try:
        payload = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return decode_head(raw[:HEAD_BYTES], NOT_JSON(detail=str(error)))
    if not isinstance(payload, dict):
        return Unknown(None, NO_OBJECT())
    return _own(payload) if payload.get("job") == OWN else _of_php(payload, zone, past)


def _of_php(payload: Mapping[str, Any], zone: ZoneInfo, past: RowHistory) -> Meaning:
    uuid, name = _text_of(payload, "uuid"), _name_of(payload)
    if payload.get("job") != HANDLER or name is None or name not in READERS:
        return Unknown(name, UNKNOWN_CLASS(), for_php=_is_for_php(payload))
    try:
        return Decoded(uuid, READERS[name](_properties(payload, name, zone, past)))
    except PayloadError as error:
        # An order has one sender: PHP knows nothing of the shipment journal, and could send it a second time.
        return Undecodable(uuid, name, error.said, for_php=isinstance(error, ForPhp) and name != SENDER)
    except PhpError as error:
        return Undecodable(uuid, name, MALFORMED(offset=error.offset, detail=error.message))


def decode_head(head: bytes, reason: Said, *, is_json: bool = False) -> Meaning:
    """Return what the first bytes tell of a payload that cannot be read here, for *reason*; it may be whole JSON."""
    name, uuid = _in_head(_NAME_IN_HEAD, head), _in_head(_UUID_IN_HEAD, head)
    if name is not None and (name in READERS or name.startswith(OWN_NAME)):
        return Undecodable(uuid, name, reason)
    return Unknown(name, reason, for_php=is_json and uuid is not None and _in_head(_JOB_IN_HEAD, head) is not None)


def display_name(head: bytes) -> str | None:
    """Return what the first bytes of a payload call the work, such as the class of a mail; None: nothing readable."""
    return _in_head(_NAME_IN_HEAD, head)


def _own(payload: Mapping[str, Any]) -> Meaning:
    uuid, asked = _text_of(payload, "uuid"), own_request(payload.get("data"))
    if isinstance(asked, Request):
        return Decoded(uuid, asked)
    return Undecodable(uuid, _text_of(payload, "displayName") or OWN, asked)


def _is_for_php(payload: Mapping[str, Any]) -> bool:
    """Tell whether PHP can begin with *payload*: without one of these it deletes the row, and keeps it nowhere."""
    return _text_of(payload, "uuid") is not None and _text_of(payload, "job") is not None and "data" in payload


def _in_head(pattern: re.Pattern[bytes], head: bytes) -> str | None:
    match = pattern.search(head)
    try:
        return str(orjson.loads(b'"' + match[1] + b'"'))[:CLASS_CHARACTERS] if match else None
    except orjson.JSONDecodeError:
        return None


def _text_of(payload: Mapping[str, Any], name: str) -> str | None:
    value = payload.get(name)
    return value[:CLASS_CHARACTERS] if isinstance(value, str) and value else None


def _name_of(payload: Mapping[str, Any]) -> str | None:
    """Return the class that names the work: for a queued listener the listener's class."""
    data = payload.get("data")
    command = _text_of(data, "commandName") if isinstance(data, dict) else None
    return _text_of(payload, "displayName") if command in {None, LISTENER} else command


def _properties(payload: Mapping[str, Any], name: str, zone: ZoneInfo, past: RowHistory) -> Properties:
    data = payload.get("data")
    command = data.get("command") if isinstance(data, dict) else None
    if not isinstance(command, str):
        raise PayloadError(NO_COMMAND())
    # Laravel encrypts the command of a ShouldBeEncrypted job; its text is base64.
    if not command.startswith("O:"):
        raise ForPhp(ENCRYPTED())
    listens = name in LISTENERS
    values = _object(read(command), "data.command", LISTENER if listens else name)
    # The rest of a chain would be lost with the row: only PHP can go on with it.
    if values.get("chained") or values.get("batchId"):
        raise ForPhp(CHAINED())
    if listens:
        values = _event(values, name)
    return Properties(values, zone, past)


def _event(listener: Mapping[str, PhpValue], name: str) -> Mapping[str, PhpValue]:
    if listener.get("class") != name or listener.get("method") != "handle":
        raise PayloadError(OTHER_CALL(class_name=name))
    data = listener.get("data")
    return _object(data.get(0) if isinstance(data, dict) else None, "data", LISTENERS[name])


def _object(value: PhpValue, what: str, class_name: str) -> Mapping[str, PhpValue]:
    if isinstance(value, PhpObject) and value.class_name == class_name:
        return value.properties
    got = value.class_name[:CLASS_CHARACTERS] if isinstance(value, PhpObject) else _named(value)
    raise PayloadError(NO_SUCH_OBJECT(property=what, class_name=class_name, got=got))


def _named(value: object) -> Said | str:
    """Say what kind of value it is, without its content."""
    if isinstance(value, PhpOpaque):
        return value.what
    return KINDS.get(type(value), AN_OBJECT)()


def _day(date: PhpObject, zone: ZoneInfo) -> str:
    """Return the day of a date object on the shop's calendar."""
    if date.class_name not in DATES:
        raise PayloadError(NO_DATE(class_name=date.class_name[:CLASS_CHARACTERS]))
    try:
        return _instant(date.properties).astimezone(zone).date().isoformat()
    except (TypeError, ValueError, LookupError, OSError, OverflowError):
        raise PayloadError(DATE_UNREADABLE()) from None


def _instant(properties: Mapping[str, PhpValue]) -> datetime:
    date, name = properties.get("date"), properties.get("timezone")
    if not isinstance(date, str) or not isinstance(name, str):
        raise TypeError(date)
    match properties.get("timezone_type"):
        case 1:
            return datetime.fromisoformat(date + name)
        case 2 if name in {"UTC", "GMT", "Z"}:
            return datetime.fromisoformat(date).replace(tzinfo=UTC)
        case 3:
            return datetime.fromisoformat(date).replace(tzinfo=ZoneInfo(name))
    raise ValueError(name)


def _as_json(value: PhpValue, zone: ZoneInfo) -> Json:
    """Return *value* as JSON: a PHP array whose keys count from 0 is a list; a date is its day."""
    if isinstance(value, PhpObject):
        return _day(value, zone)
    if isinstance(value, PhpEnum | PhpOpaque):
        raise PayloadError(NO_JSON(got=_named(value)))
    if isinstance(value, float) and value - value != 0:
        raise PayloadError(NO_NUMBER())
    if not isinstance(value, dict):
        return value
    if list(value) == list(range(len(value))):
        return [_as_json(each, zone) for each in value.values()]
    return {str(key): _as_json(each, zone) for key, each in value.items()}


def _create_shipment(job: Properties) -> Request:
    order_id = job.model("order", "App\\Models\\Order")
    return Request(CREATE_SHIPMENT.name, {"order_id": order_id, **job.past.as_args()})


def _notify_status(event: Properties) -> Request:
    return Request(
        NOTIFY_STATUS.name,
        {
            "shipment_id": event.model("shipment", SHIPMENT),
            "old_status_id": event.text("oldStatusId"),
            "new_status_id": event.text("newStatusId"),
        },
    )


def _sync_orders(job: Properties) -> Request:
    names = {"status_id": "statusId", "date_from": "dateFrom", "date_to": "dateTo"}
    return Request(SYNC_ORDERS.name, {name: job.filter(php) for name, php in names.items()})


def _process_queue(job: Properties) -> Request:
    data = _job_data(job.values.get("jobData"), job.zone)
    args = {"job_type": job.text("jobType"), "job_data": data, **job.past.as_args()}
    return Request(PROCESS_QUEUE.name, args)


def _job_data(data: PhpValue, zone: ZoneInfo) -> Json:
    """Return *data* as JSON, without the entries that JSON cannot hold and no job reads."""
    if isinstance(data, dict):
        data = {name: value for name, value in data.items() if name in JOB_DATA or _fits_json(value, zone)}
    return _as_json(data, zone)


def _fits_json(value: PhpValue, zone: ZoneInfo) -> bool:
    try:
        _as_json(value, zone)
    except PayloadError:
        return False
    return True


def _plain(task: TaskFacts) -> Reader:
    return lambda _: Request(task.name, {})


JOB_DATA = frozenset({"order_id", "status_id", "date_from", "date_to"})
"""The entries that the two jobs wrapped by `ProcessAlWaseetQueueJob` read of its data."""

SENDER = "App\\Jobs\\CreateAlWaseetShipmentJob"
"""The one job of the shop that sends an order itself."""

LISTENERS: Mapping[str, str] = {
    "App\\Listeners\\CreateAlWaseetShipmentListener": "App\\Events\\OrderCreated",
    STATUS_LISTENER: STATUS_EVENT,
}
"""The shop's queued listeners, and the event that each hears."""

READERS: Mapping[str, Reader] = {
    "App\\Listeners\\CreateAlWaseetShipmentListener": _create_shipment,
    STATUS_LISTENER: _notify_status,
    SENDER: _create_shipment,
    "App\\Jobs\\SyncAlWaseetOrdersJob": _sync_orders,
    "App\\Jobs\\ProcessAlWaseetQueueJob": _process_queue,
    "App\\Jobs\\UpdateAlWaseetShipmentsStatusJob": _plain(UPDATE_SHIPMENTS),
    "App\\Jobs\\SyncAlWaseetOrderStatusesJob": _plain(SYNC_STATUSES),
    "App\\Jobs\\UpdateOrdersFromMerchantOrdersJob": _plain(UPDATE_ORDERS),
    "App\\Jobs\\UpdateStatusCountsJob": _plain(UPDATE_STATUS_COUNTS),
}
"""Everything that the shop can put into `jobs`."""
