"""The doctor as an operator calls it: a real daemon, its shop away."""

from pathlib import Path

from tests.support.daemon import Ground, ctl, running


async def test_doctor_of_a_real_daemon_sees_what_is_broken_and_what_is_well(ground: Ground, tmp_path: Path) -> None:
    async with running(ground):
        (tmp_path / "shop.sqlite").rename(tmp_path / "away.sqlite")
        answered = await ctl(ground, "doctor", "--json")
    outcomes = {item["code"]: item["outcome"] for item in answered.json["items"]}
    assert (1, "failed") == (answered.status, outcomes["shop-unreachable"])
    well = ("daemon-ready", "state-good", "configuration-good", "queue-db-whole", "courier-tls-none", "queues-open")
    assert {"ok"} == {outcomes[code] for code in well}
