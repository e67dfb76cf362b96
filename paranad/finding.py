"""What the doctor can find, and what it found: each finding is declared beside the check that looks for it.

The checks of the daemon and those of `paranadctl`, which needs no daemon for them, have the same form.
"""

from collections.abc import Mapping
from typing import Any, Literal

from paranad.record import record
from paranad.said import Said, Sentence, Value

Outcome = Literal["ok", "warning", "failed"]


@record
class Found:
    """What a check found."""

    code: str
    """Such as `disk-full`; it decides the words."""
    check: str
    """What was looked at, such as `disk`."""
    outcome: Outcome
    why: Said
    cure: Said | None
    """None if it is ok."""

    @property
    def values(self) -> Mapping[str, str]:
        """What the words hold, as texts."""
        return {name: str(value) for name, value in self.why.values.items()}

    def document(self) -> dict[str, Any]:
        """Return the JSON form, as the control API gives it."""
        return {
            "check": self.check,
            "outcome": self.outcome,
            "code": self.code,
            "values": dict(self.values),
            "facts": self.why.remark()["facts"],
            "why": self.why.text,
            "cure": self.cure.text if self.cure else None,
        }


@record
class Finding:
    """What a check can find. Calling it with the values that its sentences name states that it was found."""

    code: str
    check: str
    """Empty: the value `check` names it."""
    outcome: Outcome
    why: Sentence
    cure: Sentence | None

    def __call__(self, /, **values: object) -> Found:
        """State that it was found.

        Raises:
            KeyError: a value that the sentences name is missing.
        """
        # Both sentences are given every value, so that another language may name them elsewhere.
        kept = {name: _value(value) for name, value in values.items()}
        check = self.check or str(kept["check"])
        cure = self.cure(**kept) if self.cure else None
        return Found(self.code, check, self.outcome, self.why(**kept), cure)


def ok(code: str, check: str, why: str) -> Finding:
    """Declare a finding that needs no cure."""
    return Finding(code, check, "ok", Sentence(f"finding.{code}", why), None)


def warning(code: str, check: str, why: str, cure: str) -> Finding:
    """Declare a finding that a person should see to."""
    return Finding(code, check, "warning", Sentence(f"finding.{code}", why), Sentence(f"cure.{code}", cure))


def failed(code: str, check: str, why: str, cure: str) -> Finding:
    """Declare a finding because of which something does not work."""
    return Finding(code, check, "failed", Sentence(f"finding.{code}", why), Sentence(f"cure.{code}", cure))


def _value(value: object) -> Value:
    return value if isinstance(value, str | int | float | Said) else str(value)
