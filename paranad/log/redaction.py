"""The last line of defence: no secret leaves in a log line, even if an event or a library put one into it."""

import json
import re
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "(hidden)"
SHORTEST = 4
COLOUR = r"(?:\x1b\[[0-9;]*m)*"
MARKS = ("@@", "oken", "assword", "ecret", "uthorization", "atabase_url", "://")
"""Each text that SECRET finds holds one of these; looking for them first is ten times cheaper."""
# A name begins where no letter stands before it: tried at each letter, a long word would take time by its square.
SECRET = re.compile(
    rf"""
    (?P<key> (?<![\w-])[\w-]*(?:password|token|secret|authorization|database_url)
             (?: \\?["']\s*:\s* | {COLOUR}\s*=\s*{COLOUR} ) )
    (?: \\"(?:[^"\\]|\\\\\\?.)*\\" | \\?"(?:[^"\\]|\\.)*" | '[^']*' | [^\s,&;"'}}\])\x1b]+ )
    | (?P<account> (?<![a-z0-9+])[a-z0-9+]+:// ) [^\s/"']* (?=@)
    | @@ [^\s,&;"'}})\]\\\x1b]+
    """,
    re.VERBOSE | re.IGNORECASE,
)

_known: set[str] = set()


def hide(value: str) -> None:
    """Remember *value* as a secret: it shows as `(hidden)` in every line from now on.

    Texts below four characters are not remembered: they occur by chance everywhere.
    """
    if len(value) >= SHORTEST:
        _known.update(
            {
                value,
                json.dumps(value, ensure_ascii=False)[1:-1],
                repr(value)[1:-1],
                quote(value, safe=""),
                quote_plus(value),
            }
        )


def may_hold_secret(text: str) -> bool:
    """Tell whether *text* may hold a secret: quick; False is certain, True is not."""
    # Plain loops: a generator costs more than all the looking, and every result of a job is looked at.
    for mark in MARKS:
        if mark in text:
            return True
    return any(value in text for value in _known)


def names_secret(key: str) -> bool:
    """Tell whether any value under the name *key* is a secret."""
    return redact(f"{key}=x") != f"{key}=x"


def redact(text: str) -> str:
    """Return *text*, rendered lines, with `(hidden)` for each known secret and for what looks like a secret."""
    for value in _known:
        if value in text:
            text = text.replace(value, HIDDEN)
    if any(mark in text for mark in MARKS):
        text = SECRET.sub(_hidden, text)
    return text


def without_secrets(value: Any) -> Any:
    """Return *value*, of which JSON could be made, with each of its texts redacted, and each under a secret's name."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: HIDDEN if names_secret(key) else without_secrets(each) for key, each in value.items()}
    return [without_secrets(each) for each in value] if isinstance(value, list | tuple) else value


def _hidden(match: re.Match[str]) -> str:
    key = match["key"]
    if key is None:
        return f"{match['account'] or ''}{HIDDEN}"
    value = match[0][len(key) :]
    quote_mark = '\\"' if value.startswith('\\"') and value.endswith('\\"') else '"' if value.startswith('"') else ""
    return f"{key}{quote_mark}{HIDDEN}{quote_mark}"
