"""In which language the alerts are told: a fact in the words that reach the owner's phone."""

from typing import Literal, TypeAlias

from paranad.said import Said

Language: TypeAlias = Literal["ar", "en"]
"""As `[alert] language` has it."""


def spoken(said: Said, language: Language) -> str:
    """Return a fact in *language* as plain text: in Arabic, what is read from left to right is set apart."""
    if language == "en":
        return said.text
    # The Arabic costs the daemon memory, so it is loaded with the first text that is told in it.
    from paranad.arabic.sentences import in_arabic  # noqa: PLC0415

    return in_arabic(said)
