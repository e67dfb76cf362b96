"""How a person presses a button: with a pointer, with a thumb, with the keyboard alone, without JavaScript."""

from enum import Enum

from playwright.sync_api import Locator, expect

from tests.browser.visit import DESKTOP, PHONE, Look, Visit

FURTHEST = 400
"""No page has so many things that take the focus."""
IS_SEEN = (
    "each => each === document.activeElement"
    " && (style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)(getComputedStyle(each))"
)
"""Whether an element has the focus, and whoever looks can tell."""


class Hand(Enum):
    """How a button is pressed."""

    POINTER = "pointer"
    THUMB = "thumb"
    KEYBOARD = "keyboard"
    WITHOUT_JAVASCRIPT = "without JavaScript"

    def __str__(self) -> str:
        return self.value

    @property
    def look(self) -> Look:
        return DESKTOP if self in {Hand.POINTER, Hand.KEYBOARD} else PHONE

    @property
    def looks(self) -> bool:
        """Whether what is pressed is looked at as well: one hand for each screen, since the other sees the same."""
        return self in {Hand.KEYBOARD, Hand.THUMB}

    @property
    def options(self) -> dict[str, bool]:
        return {"java_script_enabled": self is not Hand.WITHOUT_JAVASCRIPT}

    def press(self, visit: Visit, button: Locator) -> None:
        """Press *button*, which must be seen."""
        expect(button).to_be_visible()
        if self is Hand.KEYBOARD:
            walk_to(visit, button)
            visit.page.keyboard.press("Enter")
        elif self is Hand.THUMB:
            button.tap()
        else:
            button.click()

    def type(self, visit: Visit, line: Locator, text: str) -> None:
        """Write *text* into a line."""
        if self is Hand.KEYBOARD:
            walk_to(visit, line)
            visit.page.keyboard.type(text)
        else:
            line.fill(text)


def walk_to(visit: Visit, wanted: Locator) -> None:
    """Press Tab until *wanted* has the focus and is seen to have it."""
    for _ in range(FURTHEST):
        if wanted.evaluate(IS_SEEN):
            return
        visit.page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there, or the focus is not seen")
