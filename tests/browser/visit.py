"""How a person looks at the page: which language, which screen, light or dark; and what their browser complains of."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

PROGRAM = Path("/usr/bin/chromium")
SWITCHES = (
    "--no-sandbox",  # it visits this machine alone, and root could not start it otherwise
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PICTURES = Path(__file__).parents[2] / "build" / "pictures"
LOCALES = {"ar": "ar-IQ", "en": "en-GB"}
SCREENS: Mapping[str, Mapping[str, Any]] = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}
WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
UNFIXED = """fixed => {
  document.querySelector(".bar")?.style.setProperty("position", fixed ? "" : "static");
  document.body.style.setProperty("padding-block-end", fixed ? "" : "0");
}"""
"""On a picture of the whole page the phone's bar would stand over its middle."""
PATIENCE_MS = 15_000


@dataclass(frozen=True, slots=True)
class Look:
    """One of the ways in which every page is looked at: four by day, and the same at night."""

    language: str = "en"
    screen: str = "desktop"
    scheme: str = "light"

    def __str__(self) -> str:
        return f"{self.language}-{self.screen}-{self.scheme}"

    def options(self) -> dict[str, Any]:
        """Return what makes a browser look like this."""
        where = {"locale": LOCALES[self.language], "timezone_id": "Asia/Baghdad"}
        return {**SCREENS[self.screen], **where, "color_scheme": self.scheme, "reduced_motion": "reduce"}


LOOKS = [Look(*each) for each in product(("ar", "en"), ("phone", "desktop"))]
PHONE, DESKTOP = Look("ar", "phone"), Look()


@dataclass
class Visit:
    """One browser window, and everything that it complained of."""

    origin: str
    look: Look
    page: Page
    complaints: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def go(self, path: str = "/") -> Response:
        """Open *path* of the site; return the answer, whose status is to be looked at where it is no page."""
        answer = self.page.goto(self.origin + path)
        assert answer
        return answer

    def keep(self, name: str, text: str) -> None:
        """Keep *text* beside the pictures, for a person to read."""
        (self._folder() / name).write_text(text, "utf-8")

    def _folder(self) -> Path:
        folder = PICTURES / str(self.look)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def picture(self, name: str) -> None:
        """Keep what is seen, whole, for a person to look at."""
        folder = self._folder()
        self.page.evaluate(UNFIXED, False)
        self.page.screenshot(path=folder / f"{name}.png", full_page=True)
        self.page.evaluate(UNFIXED, True)

    def assert_fits(self) -> None:
        """The page is not wider than the window, whatever stands in it."""
        width = self.look.options()["viewport"]["width"]
        wide = self.page.evaluate(
            "width => document.documentElement.scrollWidth <= width ? [] : [...document.querySelectorAll('body *')]"
            ".filter(each => each.getBoundingClientRect().width > width || each.scrollWidth > each.clientWidth)"
            ".map(each => `${each.tagName}.${each.className}: ${each.textContent.slice(0, 40)}`)",
            width,
        )
        assert [] == wide, wide

    def assert_accessible(self) -> None:
        """The page breaks none of the rules of WCAG 2.2 AA that a program can check."""
        results = Axe().run(self.page, options={"runOnly": WCAG, "resultTypes": ["violations"]})
        assert 0 == results.violations_count, results.generate_report()

    def darken(self) -> None:
        """Go on at night."""
        self.look = replace(self.look, scheme="dark")
        self.page.emulate_media(color_scheme="dark", reduced_motion="reduce")

    def assert_legible(self) -> None:
        """Every text stands out from what is behind it."""
        results = Axe().run(self.page, options={"runOnly": {"type": "rule", "values": ["color-contrast"]}})
        assert 0 == results.violations_count, results.generate_report()

    def hear(self) -> None:
        """Note whatever a page logs, breaks, or cannot fetch."""
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        self.complaints.append(f"console: {message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        # A page that is left, or renewed, ends the stream of events that it listened to.
        if request.resource_type != "eventsource" and request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url}: {request.failure}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400:
            self.complaints.append(f"answered: {answer.url}: {answer.status}")


@contextmanager
def visiting(browser: Browser, origin: str, look: Look, state: Any = None, **options: Any) -> Iterator[Visit]:
    """Open a window of its own; *state* is what a signed-in browser keeps. Other *options* are Playwright's."""
    asked = {**look.options(), "storage_state": state, **options}
    context = browser.new_context(**asked)
    try:
        visit = Visit(origin, look, context.new_page())
        visit.hear()
        yield visit
    finally:
        context.close()
