"""What happened to the shop's database, and to rows of its `jobs` and `failed_jobs`."""

from paranad.events.event import Event
from paranad.record import named_record
from paranad.said import Said


@named_record
class ShopLost(Event):
    name = "shop.lost"
    level = "error"
    reason: Said


@named_record
class ShopReturned(Event):
    name = "shop.returned"


@named_record
class ShopSettingChanged(Event):
    """An operator changed a setting of the shop. Of a secret only whether it is set is told."""

    name = "shop.setting_changed"
    setting: str
    before: str
    after: str


@named_record
class StatusNoticesByRows(Event):
    """Changed statuses are to be told by PHP, but `jobs` takes no row: paranad writes rows, and nobody sends pushes.

    Told once, until `jobs` takes rows again.
    """

    name = "shop.status_notices_by_rows"
    level = "warning"
    reason: Said


@named_record
class OrdersNotCounted(Event):
    """By a defect, how many orders have no shipment is unknown; told once until they are counted again."""

    name = "shop.orders_not_counted"
    level = "error"
    reason: str


@named_record
class BridgeStarted(Event):
    """Rows of the shop's `jobs` table are taken from now on."""

    name = "bridge.started"
    reason: str


@named_record
class BridgeStopped(Event):
    """From now on no row of the shop's `jobs` table is taken, until the bridge starts again."""

    name = "bridge.stopped"
    reason: str


@named_record
class BridgeRowsTaken(Event):
    """A list of rows is in the queue; in the shop's `jobs` table they are gone, or kept until their jobs have ended."""

    name = "bridge.rows_taken"
    level = "debug"
    rows: int
    duplicates: int
    """Rows that an unfinished job does already, or that came before."""


@named_record
class BridgeRowsDone(Event):
    """Rows that were kept are gone from the shop's `jobs` table: their jobs have ended, or only the queue has them."""

    name = "bridge.rows_done"
    level = "debug"
    rows: int


@named_record
class BridgeRowsLost(Event):
    """Rows that were kept for jobs here are someone else's now, or gone: these jobs are not done here."""

    name = "bridge.rows_lost"
    level = "warning"
    rows: int
    jobs: int


@named_record
class BridgeRowsSetApart(Event):
    """Rows that only PHP can work stand in the queues `php:…` now, where nobody else takes them."""

    name = "bridge.rows_set_apart"
    rows: int


@named_record
class BridgeRowsGivenBack(Event):
    """Rows that were set apart for PHP stand in the shop's own queues again."""

    name = "bridge.rows_given_back"
    rows: int


@named_record
class BridgePayloadUnknown(Event):
    """A row is left for a PHP worker; told once per class, or per row if no class can be read."""

    name = "bridge.payload_unknown"
    level = "warning"
    row_id: int
    payload_class: str | None
    reason: str


@named_record
class BridgeRowFailed(Event):
    """A row of a known class cannot be worked: it stands in the shop's `failed_jobs` now."""

    name = "bridge.row_failed"
    level = "error"
    row_id: int
    payload_class: str
    uuid: str
    error: str


@named_record
class BridgeJobGivenBack(Event):
    """A failed job from the shop stands in the shop's `failed_jobs` now."""

    name = "bridge.job_given_back"
    job_id: int
    uuid: str


@named_record
class BridgeRowTakenBack(Event):
    """A job that was given back is retried or forgotten: its row is gone from the shop's `failed_jobs`."""

    name = "bridge.row_taken_back"
    uuid: str


@named_record
class BridgeFailed(Event):
    """The bridge could not do its work, or not for one row. The row or the job stays where it was."""

    name = "bridge.failed"
    level = "error"
    error: str
