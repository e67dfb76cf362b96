"""The pages of the shop's settings, as the daemon reads them; they are changed with paranadctl, which asks first."""

from paranad.cli.commands.settings import NO_SUCH_SETTING, setting_words, settings_table
from paranad.cli.screen.blocks import Table, columns
from paranad.cli.screen.say import say
from paranad.errors import NotFound
from paranad.web.links import SETTINGS, below
from paranad.web.page import Linked, Page, View
from paranad.wording import did_you_mean, quotable


def settings(view: View) -> Page:
    """Show every setting and what it means."""
    known = view.client.get("settings")["items"]
    table = Table(columns("setting", "value"), settings_table(known).rows)  # with a head: on a phone a card each
    return Page(say("Settings"), [Linked(table, [below(SETTINGS, each["name"]) for each in known])])


def setting(view: View, name: str) -> Page:
    """Show all that is known of one setting, and how it is changed.

    Raises:
        NotFound: there is no such setting.
    """
    known = view.client.get("settings")["items"]
    found = next((each for each in known if each["name"] == name), None)
    if found is None:
        near = did_you_mean(name, [each["name"] for each in known])
        raise NotFound(NO_SUCH_SETTING(name=quotable(name), cure=near))
    _, *rest = setting_words(found)  # its heading is the page's title
    return Page(name, rest)
