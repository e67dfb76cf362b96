"""Values that nobody changes once they are made, without what a frozen dataclass costs at run time."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Make *cls* a record: the type checker refuses every change, so that nothing need refuse it at run time.

    A frozen dataclass sets its fields one by one through `object.__setattr__`: 20 fields take ten times as long, and
    the queue makes several records a job.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def named_record(cls: type[T]) -> type[T]:
    """Make *cls* a record whose fields are given by name."""
    return dataclass(slots=True, unsafe_hash=True, kw_only=True)(cls)
