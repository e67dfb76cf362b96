"""What a look of the doctor's found, as a test compares it."""

from collections.abc import Iterable

from paranad.control.schemas import DoctorCheck


def codes(findings: Iterable[DoctorCheck]) -> list[str]:
    return [finding.code for finding in findings]


def only(findings: Iterable[DoctorCheck], code: str) -> DoctorCheck:
    [finding] = [finding for finding in findings if finding.code == code]
    return finding
