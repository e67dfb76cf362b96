"""What happened to the PHP workers that the daemon asks for."""

from paranad.events.event import Event
from paranad.record import named_record
from paranad.said import Said


@named_record
class PhpAsked(Event):
    """Rows wait that only PHP can work, and a worker is asked for."""

    name = "php.asked"
    level = "debug"
    rows: int


@named_record
class PhpRunBegan(Event):
    """A worker came."""

    name = "php.run_began"
    rows: int


@named_record
class PhpRunEnded(Event):
    """A worker has ended."""

    name = "php.run_ended"
    rows_left: int


@named_record
class PhpRunFruitless(Event):
    """A worker has ended and worked nothing off; told of the first of several in a row."""

    name = "php.run_fruitless"
    level = "warning"
    rows_left: int


@named_record
class PhpNotAsked(Event):
    """No worker can be asked for, or the rows that wait for one cannot be counted; told once until it changes."""

    name = "php.not_asked"
    level = "error"
    reason: Said
