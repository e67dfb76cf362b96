"""Values that never change once made, without the cost of a frozen dataclass at run time."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Make *cls* a record: a change is refused by the type checker, and not again at run time.

    A frozen dataclass sets its fields one by one through `object.__setattr__`: with 20 fields that takes ten times as
    long, and the queue makes several records for each job.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def named_record(cls: type[T]) -> type[T]:
    """Make *cls* a record whose fields are given by name."""
    return dataclass(slots=True, unsafe_hash=True, kw_only=True)(cls)
