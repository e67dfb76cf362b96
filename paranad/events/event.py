"""An event: something that happened, as a value; and how its listeners hear of it.

`name` is `noun.verb`: in the past tense for what has happened (`job.completed`), as a state for what begins
(`daemon.ready`, `daemon.draining`). `level`: debug steps, info a change the operator would want to see, warning it
heals itself, error a person must look.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, get_args

from paranad.record import named_record
from paranad.said import Said


@named_record
class Event:
    """Something that happened. Fields hold JSON values or facts, no secret, phones by their last three digits."""

    name: ClassVar[str]
    level: ClassVar[str] = "info"


Listener = Callable[[Sequence[Event]], None]


class Events:
    """Hands events to all listeners, in order and at once; a listener must be quick and must not raise."""

    def __init__(self) -> None:
        self.listeners: list[tuple[Listener, frozenset[type[Event]] | None]] = []
        """Each with the kinds that it is told; None: all."""
        self._hear: dict[frozenset[type[Event]], tuple[Listener, ...]] = {}
        """Who hears of kinds that are told at once: looked up once for each set of kinds, not for each job."""

    def listen(self, listener: Listener, kinds: Iterable[type[Event]] | None = None) -> Callable[[], None]:
        """Add *listener*; return the function that removes it.

        It hears whatever is told at once with an event of *kinds*, each the class itself: every job's start is told,
        and few ask for it.
        """
        added = (listener, None if kinds is None else frozenset(kinds))
        self.listeners.append(added)
        self._hear.clear()

        def remove() -> None:
            self.listeners.remove(added)
            self._hear.clear()

        return remove

    def tell(self, *events: Event) -> None:
        """Tell *events*, which have happened: their changes are committed."""
        told = frozenset(map(type, events))
        if told not in self._hear:
            heard = (listener for listener, kinds in self.listeners if kinds is None or not kinds.isdisjoint(told))
            self._hear[told] = tuple(heard)
        for listener in self._hear[told]:
            listener(events)


def fields_of(event: Event) -> dict[str, Any]:
    """Return the event's fields by name in their order, without those that are None; a fact as its text."""
    names, read = _reader(type(event))  # type: ignore[arg-type]  # it takes the records' hash for the class's
    return {name: value for name, value in zip(names, read(event), strict=True) if value is not None}


@cache
def _reader(kind: type[Event]) -> tuple[tuple[str, ...], Callable[[Event], tuple[Any, ...]]]:
    """Return the names of a kind's fields, and a function that reads their values: made once, called for each job."""
    names = tuple(field.name for field in fields(kind))
    if any(Said in {field.type, *get_args(field.type)} for field in fields(kind)):
        return names, lambda event: tuple(_text_of(getattr(event, name)) for name in names)
    if len(names) > 1:
        return names, attrgetter(*names)
    return names, lambda event: tuple(getattr(event, name) for name in names)


def _text_of(value: object) -> object:
    return value.text if isinstance(value, Said) else value
