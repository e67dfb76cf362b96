"""The daily digest: once a local day, what it counts and what it does not know, and how a person reads it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from paranad.alerts.daily import Digests, Mark, due
from paranad.alerts.digest import Counting, Day, Need, lines_of, message_of
from paranad.alerts.kinds import IncidentKind
from paranad.commands import main
from paranad.configuration.settings import AlertSection
from paranad.events.event import Event
from paranad.history.service import History
from paranad.orders.parcels import Parcels
from paranad.orders.service import Count
from paranad.said import plain
from paranad.schedule.cron import parse
from paranad.standby.view import SILENT
from tests.alerts.harness import ZONE, AlertsHarness
from tests.support.standing import Standing

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
EVENING = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # 20:00 in Baghdad
DAY = Day(
    EVENING - timedelta(days=1),
    EVENING,
    shipped=42,
    failed=0,
    held=1,
    orders=Count(2, EVENING - HOUR, 77, auto_create=True),
    parcels=Parcels(handed_over=40, delivered=31, on_the_way_back=3, came_back=2),
    silent=["backup"],
    needs=[Need(IncidentKind.SHIPMENT_HELD, 1, plain("order 1042: held"), plain("see paranadctl shipments"))],
)


class Evenings:
    """Digests over the harness's queue.db and command, one daemon after the other."""

    def __init__(self, harness: AlertsHarness, parcels: Parcels | None = None) -> None:
        self.harness, self.parcels = harness, parcels
        self.standby: Standing | None = None
        self.settings = AlertSection(command=harness.command, language="en", digest="20:00")
        self.last: dict[str, Any] = {}
        """The last document that the command took."""

    async def start(self, *, others_until: datetime | None = None) -> None:
        """Make the digests anew, as a started daemon does, or one that takes over."""
        each = self.harness

        async def parcels(_: datetime) -> Parcels | None:
            return self.parcels

        class Orders:
            count = staticmethod(each._count)

        history = History(each.store, each.limiter, each.clock, ZONE, each.events)
        asked = (history, each.journal, Orders(), parcels, each.alerts.incidents, each.alerts.look_again)
        counting = Counting(*asked, self.standby)  # type: ignore[arg-type]
        told = (each.alerts.notifier, each.store.values, each.clock, each.events)
        self.digests = Digests(counting.day, *told, zone=ZONE, settings=self.settings)
        if others_until:
            self.digests.work_from(others_until)
        await self.digests._whatever_comes(self.digests.take_up)

    async def sent(self, after: timedelta = timedelta()) -> list[str]:
        """Let time pass, and send what is due; return the days that the command was told of."""
        self.harness.clock.wall += after
        self.harness.clock.elapsed_s += max(after.total_seconds(), 0.0)  # this one never steps back
        await self.digests._whatever_comes(self.digests.send_due)
        documents = self.harness.documents()
        self.last = documents[-1] if documents else self.last
        return [document["key"] for document in documents]


@pytest.fixture
async def evenings(harness: AlertsHarness) -> Evenings:
    evenings = Evenings(harness)
    await evenings.start()
    return evenings


async def test_one_goes_out_each_evening(evenings: Evenings) -> None:
    assert [] == await evenings.sent(7 * HOUR)  # 19:00
    assert ["2026-03-02"] == await evenings.sent(HOUR)
    assert [] == await evenings.sent(HOUR)
    assert ["2026-03-03"] == await evenings.sent(23 * HOUR)


async def test_a_restart_repeats_none(evenings: Evenings) -> None:
    await evenings.sent(8 * HOUR)
    await evenings.start()
    assert [] == await evenings.sent()


@pytest.mark.parametrize(("died_at", "expected"), [(9 * HOUR, []), (7 * HOUR, ["2026-03-02"])])
async def test_one_that_the_machine_before_sent_is_not_sent_again(
    evenings: Evenings, died_at: timedelta, expected: list[str]
) -> None:
    await evenings.sent(5 * HOUR)
    clock = evenings.harness.clock
    died = clock.now() - 5 * HOUR + died_at  # at 21:00, after its digest; at 19:00, before it
    clock.wall += 5 * HOUR
    await evenings.start(others_until=died)
    assert expected == await evenings.sent()
    assert ["2026-03-03"] == await evenings.sent(22 * HOUR)


@pytest.mark.parametrize(("down", "expected"), [(19 * HOUR, ["2026-03-02"]), (20 * HOUR, [])])
async def test_one_missed_while_down_goes_out_if_it_is_less_than_twelve_hours_late(
    evenings: Evenings, down: timedelta, expected: list[str]
) -> None:
    evenings.harness.clock.wall += down
    await evenings.start()
    assert expected == await evenings.sent()
    assert [] == await evenings.sent()


async def test_a_time_set_in_the_evening_begins_the_next_day_and_another_time_sends_no_second_one(
    evenings: Evenings,
) -> None:
    evenings.harness.clock.wall += 10 * HOUR
    evenings.digests.use(replace_digest(evenings, "19:00"))
    assert [] == await evenings.sent()
    assert ["2026-03-03"] == await evenings.sent(22 * HOUR)
    evenings.digests.use(replace_digest(evenings, "21:00"))
    assert EVENING + timedelta(days=2, hours=1) == evenings.digests.next_at()  # today's is out
    assert [] == await evenings.sent(2 * HOUR)


def replace_digest(evenings: Evenings, time: str) -> AlertSection:
    return evenings.settings.model_copy(update={"digest": time})


async def test_what_the_command_does_not_take_is_tried_again_until_the_next(
    evenings: Evenings, told: list[Event]
) -> None:
    broken = evenings.settings.model_copy(update={"command": ("/bin/false",)})
    evenings.harness.alerts.notifier.use(broken)
    assert [] == await evenings.sent(8 * HOUR)
    assert evenings.digests.failed
    assert [] == await evenings.sent(timedelta(seconds=20))  # not yet again
    assert [("digest", "2026-03-02")] == [(e.kind, e.key) for e in told if e.name == "alert.failed"]  # type: ignore[attr-defined]
    evenings.harness.alerts.notifier.use(evenings.settings)
    assert ["2026-03-02"] == await evenings.sent(timedelta(seconds=20))
    assert evenings.digests.failed is None


async def test_one_that_was_never_taken_gives_way_to_the_next(evenings: Evenings) -> None:
    evenings.harness.alerts.notifier.use(evenings.settings.model_copy(update={"command": ("/bin/false",)}))
    await evenings.sent(8 * HOUR)
    evenings.harness.alerts.notifier.use(evenings.settings)
    assert ["2026-03-03"] == await evenings.sent(24 * HOUR)


@pytest.mark.parametrize("missed", ["down", "command"])
async def test_the_next_one_counts_from_the_end_of_the_last_that_went_out(evenings: Evenings, missed: str) -> None:
    broken = evenings.settings.model_copy(update={"command": ("/bin/false",)})
    await evenings.sent(8 * HOUR)
    if missed == "down":  # from 20:00 to 09:00
        evenings.harness.clock.wall += 37 * HOUR
        await evenings.start()
        await evenings.sent()
    else:
        evenings.harness.alerts.notifier.use(broken)
        await evenings.sent(24 * HOUR)
        evenings.harness.alerts.notifier.use(evenings.settings)
        evenings.harness.clock.wall += 13 * HOUR
    assert ["2026-03-04"] == await evenings.sent(11 * HOUR)
    assert {"from": "2026-03-02 20:00", "to": "2026-03-04 20:00"} == head(evenings)


async def test_one_that_was_tried_again_counts_up_to_its_own_sending_and_the_next_from_there(
    evenings: Evenings,
) -> None:
    evenings.harness.alerts.notifier.use(evenings.settings.model_copy(update={"command": ("/bin/false",)}))
    await evenings.sent(8 * HOUR)
    evenings.harness.alerts.notifier.use(evenings.settings)
    await evenings.sent(HOUR)
    assert {"from": "2026-03-01 20:00", "to": "2026-03-02 21:00"} == head(evenings)
    await evenings.start()
    await evenings.sent(23 * HOUR)
    assert {"from": "2026-03-02 21:00", "to": "2026-03-03 20:00"} == head(evenings)


async def test_after_a_long_silence_one_counts_a_week_and_says_what_stands_in_none(evenings: Evenings) -> None:
    await evenings.sent(8 * HOUR)
    await evenings.sent(timedelta(days=10))
    assert {"from": "2026-03-05 20:00", "to": "2026-03-12 20:00"} == head(evenings)
    said = "what was from 2026-03-02 20:00 to 2026-03-05 20:00 stands in no digest"
    assert said == evenings.last["message"].splitlines()[1]


def head(evenings: Evenings) -> dict[str, str]:
    """Return from when to when the last digest counts."""
    since, until = (datetime.fromisoformat(evenings.last[key]) for key in ("since", "at"))
    return {"from": f"{since:%Y-%m-%d %H:%M}", "to": f"{until:%Y-%m-%d %H:%M}"}


def test_each_local_day_has_one_over_clock_changes() -> None:
    for year, month, day, time in [(2027, 3, 28, "30 2 * * *"), (2027, 10, 31, "30 2 * * *")]:
        cron, start = parse(time, BERLIN), datetime(year, month, day, tzinfo=BERLIN).astimezone(UTC)
        mark, sent = Mark(start), []
        for minutes in range(0, 26 * 60, 5):
            if at := due(cron, mark, start, start + timedelta(minutes=minutes)):
                mark = Mark(at, f"{at.astimezone(BERLIN):%Y-%m-%d}")
                sent.append(mark.day)
        assert f"{year}-{month:02}-{day}" == sent[0]
        assert len(sent) == len(set(sent))


async def test_a_clock_that_is_set_back_sends_none_twice_and_one_that_was_ahead_holds_none_up(
    evenings: Evenings,
) -> None:
    await evenings.sent(8 * HOUR)
    assert [] == await evenings.sent(-timedelta(seconds=10))
    assert [] == await evenings.sent(timedelta(seconds=20))
    assert 1 == len(await evenings.sent(timedelta(days=400)))
    assert ["2026-03-03"] == [*await evenings.sent(-timedelta(days=399, hours=1)), *await evenings.sent(HOUR)]


async def test_another_time_counts_from_its_reload_over_a_restart(evenings: Evenings) -> None:
    await evenings.sent(8 * HOUR)
    evenings.settings = replace_digest(evenings, "07:00")
    evenings.harness.clock.wall += 16 * HOUR  # noon of the next day
    evenings.digests.use(evenings.settings)
    assert [] == await evenings.sent()
    await evenings.start()
    assert [] == await evenings.sent(HOUR)
    assert ["2026-03-04"] == await evenings.sent(18 * HOUR)


async def test_document_says_each_count_as_a_value_and_what_is_not_known_as_null(evenings: Evenings) -> None:
    harness = evenings.harness
    await harness.hold(7)
    await harness.record(8)
    await harness.told()
    harness.unshipped = None
    harness.clock.wall += 8 * HOUR
    await evenings.digests.send_due()
    (document,) = harness.documents()
    assert ("digest", "2026-03-02", "open", "en") == tuple(
        document[key] for key in ("kind", "key", "state", "language")
    )
    counts: dict[str, Any] = {"shipped": 1, "unshipped": None, "held": 1, "failed": 0, "silent": [], "parcels": None}
    assert counts | {"needs": {"shipment-held": 1}} == document["counts"]
    message = document["message"].splitlines()
    assert "paranad, from 2026-03-01 20:00 to 2026-03-02 20:00" == message[0]
    assert "orders without a shipment: unknown" in message
    assert "parcels: unknown, the shop's database does not say" in message
    assert ["a person is needed:", "- order 7: its shipment is held: two courier orders fit"] == message[-3:-1]
    assert message[-1].startswith("to do: see paranadctl shipments show 7")


async def test_what_needs_a_person_agrees_with_what_is_counted(evenings: Evenings) -> None:
    harness = evenings.harness
    harness.unshipped = Count(12, harness.clock.now() - HOUR, 7, auto_create=True)
    await harness.told()
    harness.unshipped = replace(harness.unshipped, orders=3)
    some = message_of(lines_of(await evenings.digests.now(), ZONE), "en")
    assert "orders without a shipment: 3, the oldest" in some
    assert "- 3 orders without a shipment; the oldest, order 7" in some
    harness.unshipped = Count(0, None, None, auto_create=True)
    none = message_of(lines_of(await evenings.digests.now(), ZONE), "en").splitlines()
    assert ("orders without a shipment: 0", "nobody is needed") == (none[2], none[-1])


def test_lines_read_in_both_languages() -> None:
    english = message_of(lines_of(DAY, ZONE), "en").splitlines()
    assert "orders without a shipment: 2, the oldest made at 2026-03-02 19:00" in english
    assert "parcels: handed over 40, delivered 31, on the way back 3, come back 2" in english
    arabic = message_of(lines_of(DAY, ZONE), "ar").splitlines()
    assert len(english) == len(arabic)
    assert "الطلبات المشحونة: 42" in arabic
    quiet = message_of(lines_of(replace(DAY, needs=[], silent=[]), ZONE), "ar").splitlines()
    assert ["لا حاجة إلى أحد", "مواعيد الجدول التي لم تنجح: لا شيء"] == [quiet[-1], quiet[5]]


async def test_of_two_machines_it_says_which_works_and_which_stands_by(evenings: Evenings) -> None:
    standing = Standing("web-2")
    standing.work()
    evenings.standby = standing
    await evenings.start()
    lines = message_of(lines_of(await evenings.digests.now(), ZONE), "en").splitlines()
    assert "web-2 works; machines that stand by: none" in lines
    standing.let_stand_by("web-1", "web-3")
    lines = message_of(lines_of(await evenings.digests.now(), ZONE), "en").splitlines()
    assert "web-2 works; machines that stand by: web-1, web-3" in lines
    standing.stand_by("web-1")
    lines = message_of(lines_of(await evenings.digests.now(), ZONE), "en").splitlines()
    assert "web-1 works; machines that stand by: web-2" in lines, "asked for on the machine that stands by"
    assert "web-2 stands by: of shipping, jobs and entries, what was on it alone is counted" == lines[1]
    assert "nobody is needed on web-2" == lines[-1]
    standing.stand_by("web-1", why=SILENT(machine="web-1", at="21:04", takes_at="21:06"))
    lines = message_of(lines_of(await evenings.digests.now(), ZONE), "en").splitlines()
    assert "none works; machines that stand by: web-2" in lines, "web-1 is silent"


@pytest.mark.parametrize(
    ("time", "cure"),
    [
        ("8pm", 'write digest = "20:00"'),
        ("24:00", 'write digest = "00:00" for midnight'),
        ("20:60", 'write digest = "20:00"'),
        ("8:00", 'write digest = "20:00"'),
    ],
)
def test_check_refuses_a_time_of_day_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], time: str, cure: str
) -> None:
    config = tmp_path / "paranad.toml"
    alert = f'[alert]\ncommand = ["/bin/true"]\ndigest = "{time}"\n'
    config.write_text(f'[shop]\ndatabase_url = "sqlite:////srv/shop.sqlite"\n{alert}')
    assert 78 == main(["check", "--config", str(config)])
    (line,) = capsys.readouterr().err.splitlines()
    expected = "expected a time of day from 00:00 to 23:59, or empty"
    assert f'paranad.toml: [alert] digest: {expected}, got "{time}"; {cure}' == line


def test_check_refuses_a_digest_that_nobody_gets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "paranad.toml"
    config.write_text('[shop]\ndatabase_url = "sqlite:////srv/shop.sqlite"\n[alert]\ndigest = "20:00"\n')
    assert 78 == main(["check", "--config", str(config)])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("paranad.toml: [alert] digest: expected [alert] command beside it, got []; write a command")


async def test_a_digest_with_nothing_in_it_is_not_sent(harness: AlertsHarness) -> None:
    evenings = Evenings(harness, Parcels(0, 0, 0, 0))
    await evenings.start()
    assert [] == await evenings.sent(8 * HOUR)
    assert "2026-03-02" == evenings.digests.last_day
    await harness.hold(318)
    assert ["2026-03-03"] == await evenings.sent(24 * HOUR)
