"""The acts on a kind of alert: mute it for a while, and tell of it again."""

from collections.abc import Sequence

from paranad.cli.commands.alerts import muted_words, unmuted_words
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.times import now
from paranad.control.client import ControlClient
from paranad.web.page import Field
from paranad.web.pages.alerts import length_field
from paranad.web.question import Fields, Told


def mute(client: ControlClient, fields: Fields) -> Told:
    """Tell nobody of a kind for a while."""
    muted = client.post("alerts", fields["kind"], "mute", body={"for": fields["for"]})
    return Told([Line(muted_words(muted, now()), Style.WARN)])


def typed_length(fields: Fields) -> Sequence[Field]:
    """Return the line with the length that was typed, to be typed again after a refusal."""
    return [length_field(fields.get("for", ""))]


def unmute(client: ControlClient, fields: Fields) -> Told:
    """Tell of a kind again."""
    unmuted = client.post("alerts", fields["kind"], "unmute")
    return Told([Line(unmuted_words(unmuted), Style.GOOD)])
