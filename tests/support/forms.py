"""The forms of an HTML page, filled in and sent as a browser without JavaScript does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


@dataclass
class Sendable:
    """One form of a page."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    """Names of the fields that nobody can fill in."""

    def takes(self, wanted: Mapping[str, str]) -> bool:
        """Tell whether the form, filled in, can send *wanted*."""
        return all(self.fields[name] == value for name, value in wanted.items() if name in self.hidden)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Sendable] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "form":
            self.found.append(Sendable(known.get("action") or "", (known.get("method") or "get").lower()))
        elif tag in {"input", "select"} and self.found and (name := known.get("name")):
            self.found[-1].fields[name] = known.get("value") or ""
            if known.get("type") == "hidden":
                self.found[-1].hidden.add(name)


def forms_in(html: str, action: str) -> list[Sendable]:
    """Return the forms of a page that lead to *action*."""
    parser = _Forms()
    parser.feed(html)
    return [form for form in parser.found if form.action == action]


async def send(browser: httpx.AsyncClient, answer: httpx.Response, act: str, **wanted: str) -> httpx.Response:
    """Press the button *act* on the page that *answer* holds, and follow where it leads.

    Args:
        browser: has opened the page.
        answer: the page.
        act: the last part of the form's address.
        wanted: what its fields hold: hidden ones choose the form, the others are typed in.
    """
    form = next(each for each in forms_in(answer.text, f"/do/{act}") if each.takes(wanted))
    return await browser.post(form.action, data={**form.fields, **wanted}, follow_redirects=True)
