"""Texts that show nothing: a name of invisible characters is no name."""

import re

INVISIBLE = (
    r"\s\x00-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Spaces, controls, marks without width or of direction, the soft hyphen, fillers.

Source: Unicode, "Default_Ignorable_Code_Point".
"""
VISIBLE = re.compile(f"[^{INVISIBLE}]")


def is_blank(text: str | None) -> bool:
    """Tell whether *text* shows nothing."""
    return not text or VISIBLE.search(text) is None


def shown_or(text: str | None, otherwise: str) -> str:
    """Return *text*, or *otherwise* if it shows nothing."""
    return otherwise if text is None or is_blank(text) else text
