"""What the doctor can find, and what it found, as a test compares it."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from paranad.cli.doctor import command, twice
from paranad.cli.doctor import machine as from_outside
from paranad.control.schemas_doctor import DoctorCheck
from paranad.doctor import bounded, courier, machine, php, places, settings, shop, standby, work
from paranad.finding import Finding

OF_THE_DAEMON = (bounded, machine, shop, settings, php, courier, places, standby, work)
FROM_OUTSIDE = (command, from_outside, twice)


class Coded(Protocol):
    @property
    def code(self) -> str: ...


Each = TypeVar("Each", bound=Coded)


def declared(*modules: object) -> Mapping[str, Finding]:
    """Return by code what the checks of *modules* can find; of all of them if none is named."""
    return {
        each.code: each
        for module in modules or (*OF_THE_DAEMON, *FROM_OUTSIDE)
        for each in vars(module).values()
        if isinstance(each, Finding)
    }


def seen(code: str, **values: object) -> DoctorCheck:
    """Return what the daemon answers when it found *code*."""
    return DoctorCheck(**declared()[code](**values).document())


def codes(findings: Iterable[Coded]) -> list[str]:
    return [finding.code for finding in findings]


def only(findings: Iterable[Each], code: str) -> Each:
    [finding] = [finding for finding in findings if finding.code == code]
    return finding
