"""An event: something that happened, as a value; and how its listeners hear of it.

`name` is `noun.verb` in the past tense; `level`: debug steps, info a change the operator would want to see,
warning it heals itself, error a person must look.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from paranad.record import named_record
from paranad.said import Said


@named_record
class Event:
    """Something that happened. Fields hold JSON values or facts, no secret, phones by their last three digits."""

    name: ClassVar[str]
    level: ClassVar[str] = "info"


Listener = Callable[[Sequence[Event]], None]


class Events:
    """Hands what happened to whoever listens, in order, at once; a listener must be quick and must not raise."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Add *listener*; return the function that removes it."""
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def tell(self, *events: Event) -> None:
        """Tell *events*, which have happened: what is stored is committed."""
        for listener in tuple(self.listeners):
            listener(events)


def fields_of(event: Event) -> Mapping[str, Any]:
    """Return the event's fields by name, without those that are None; a fact as its text."""
    return {
        name: value.text if isinstance(value, Said) else value
        for cls in reversed(type(event).__mro__)
        for name in getattr(cls, "__slots__", ())
        if (value := getattr(event, name)) is not None
    }
