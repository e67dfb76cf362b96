"""Values that never change once made, without the cost of a frozen dataclass: at the start as well as at work."""

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make *cls* a record: a change is refused by the type checker, and not again at run time.

    A frozen dataclass sets its fields one by one through `object.__setattr__`: with 20 fields that takes ten times as
    long, and the queue makes several records for each job.
    """
    return _compared(dataclass(slots=True, eq=False, repr=False)(cls))


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def named_record(cls: type[T]) -> type[T]:
    """Make *cls* a record whose fields are given by name."""
    return _compared(dataclass(slots=True, eq=False, repr=False, kw_only=True)(cls))


def _compared(made: type[T]) -> type[T]:
    """Let records of the class *made* be equal, and hash alike, by their fields, and be shown with them.

    A dataclass would compile each of these methods for each class: for the house's 450, a tenth of the daemon's start.
    """
    cls: Any = made
    values = attrgetter("__class__", *(each.name for each in fields(cls) if each.compare))

    def equal(self: object, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    cls.__eq__ = equal
    cls.__hash__ = lambda self: hash(values(self))
    if cls.__repr__ is object.__repr__:
        cls.__repr__ = _shown
    return made


def _shown(self: Any) -> str:
    told = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{self.__class__.__qualname__}({told})"
