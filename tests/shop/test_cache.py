"""The shop's file cache: byte for byte what the shop writes, whatever the web server's user has put there."""

import errno
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from paranad.shop.cache import ShopCache
from tests.support.clock import ManualClock

KEY, FILE = "admin_all_status_counts", "56/6f/566fc4656ce9345677420f5b721b6e04342bf2ba"
TTL = timedelta(minutes=20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def cache(folder: Path, clock: ManualClock) -> ShopCache:
    return ShopCache(folder, clock)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_file_is_byte_for_byte_the_shop_s(folder: Path) -> None:
    cache = ShopCache(folder, ManualClock(datetime(2026, 11, 24, 22, 59, 54, tzinfo=UTC)))
    cache.put(KEY, {"1": 0, "2": 0, "4": 3, "x7": 0}, timedelta(seconds=600))
    assert [FILE] == files(folder)
    assert b'1795561794a:4:{i:1;i:0;i:2;i:0;i:4;i:3;s:2:"x7";i:0;}' == (folder / FILE).read_bytes()


def test_time_of_expiry_has_ten_digits(folder: Path) -> None:
    ShopCache(folder, ManualClock(datetime(1999, 1, 1, tzinfo=UTC))).put(KEY, 1, TTL)
    assert b"0915150000i:1;" == (folder / FILE).read_bytes()


def test_file_and_its_folders_are_the_group_s_to_replace(folder: Path, cache: ShopCache) -> None:
    before = os.umask(0o077)
    try:
        cache.put(KEY, 1, TTL)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((folder / part).stat().st_mode) for part in ("56", "56/6f", FILE)]
    assert [0o775, 0o775, 0o664] == modes
    assert {folder.stat().st_gid} == {(folder / part).stat().st_gid for part in ("56", "56/6f", FILE)}


def test_folders_hand_on_the_group_where_the_cache_does(folder: Path, cache: ShopCache) -> None:
    folder.chmod(0o2775)
    cache.put(KEY, 1, TTL)
    assert 0o2775 == stat.S_IMODE((folder / "56/6f").stat().st_mode)


async def test_later_value_replaces_the_earlier_and_leaves_nothing_beside_it(folder: Path, cache: ShopCache) -> None:
    await cache.publish({KEY: 1}, TTL)
    (folder / "56/6f" / f".{Path(FILE).name}.paranad").write_bytes(b"left by a killed daemon")
    await cache.publish({KEY: 2}, TTL)
    assert [FILE] == files(folder)
    assert (folder / FILE).read_bytes().endswith(b"i:2;")


async def test_reader_of_the_old_file_keeps_it_whole(folder: Path, cache: ShopCache) -> None:
    await cache.publish({KEY: 1}, TTL)
    with (folder / FILE).open("rb") as reader:
        await cache.publish({KEY: {"4": 2}}, TTL)
        assert reader.read().endswith(b"i:1;")


async def test_forgotten_key_is_gone_and_an_absent_one_is_no_error(folder: Path, cache: ShopCache) -> None:
    await cache.publish({KEY: 1, "other": 2}, TTL)
    assert {} == await cache.forget([KEY, "absent"])
    assert 1 == len(files(folder))


async def test_without_a_folder_nothing_happens(clock: ManualClock) -> None:
    cache = ShopCache(None, clock)
    assert {} == await cache.publish({KEY: 1}, TTL)
    assert {} == await cache.forget([KEY])


async def test_cache_that_is_not_there_is_not_made_and_named(tmp_path: Path, clock: ManualClock) -> None:
    failed = await ShopCache(tmp_path / "gone", clock).publish({KEY: 1, "other": 2}, TTL)
    assert f"the shop's cache: {tmp_path / 'gone'}: No such file or directory" == str(failed[KEY])
    assert 2 == len(failed)
    assert not (tmp_path / "gone").exists()


async def test_key_that_cannot_be_written_spares_the_others(folder: Path, cache: ShopCache) -> None:
    (folder / "56").write_text("a file where a folder belongs")
    assert [KEY] == list(await cache.publish({KEY: 1, "other": 2}, TTL))
    assert 2 == len(files(folder))


async def test_folder_that_may_not_be_written_is_named_whole_with_its_cure(
    folder: Path, cache: ShopCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PHP makes its folders for itself alone; root, who may run this, could write there all the same."""

    def refuse_new(name: str, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)

    monkeypatch.setattr(os, "rename", refuse_new)
    reason = str((await cache.publish({KEY: 1}, TTL))[KEY])
    assert reason.startswith(f"the shop's cache: {folder / '56/6f'}/.")
    assert "setfacl" in reason


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    yield elsewhere
    assert [] == files(elsewhere)
    assert 0o700 == stat.S_IMODE(elsewhere.stat().st_mode)


async def test_link_in_place_of_a_folder_is_not_followed(folder: Path, cache: ShopCache, elsewhere: Path) -> None:
    (folder / "56").symlink_to(elsewhere)
    assert [KEY] == list(await cache.publish({KEY: 1}, TTL))
    assert [KEY] == list(await cache.forget([KEY]))


async def test_link_in_place_of_a_file_is_replaced_not_followed(
    folder: Path, cache: ShopCache, elsewhere: Path
) -> None:
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).symlink_to(elsewhere / "passwords")
    (folder / "56/6f" / f".{Path(FILE).name}.paranad").symlink_to(elsewhere / "passwords")
    assert {} == await cache.publish({KEY: 1}, TTL)
    assert not (folder / FILE).is_symlink()


def refuse(*_: object) -> None:
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


def test_what_the_web_server_could_not_replace_is_not_left_behind(
    folder: Path, cache: ShopCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop's pages would fail where they write the key themselves."""
    monkeypatch.setattr(os, "fchmod", refuse)
    with pytest.raises(PermissionError):
        cache.put(KEY, 1, TTL)
    assert [] == list(folder.iterdir())


async def test_group_that_cannot_be_given_is_named_with_its_cure(
    cache: ShopCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    fstat = os.fstat

    def folders_of_another_group(file: int) -> os.stat_result:
        status = fstat(file)
        group = status.st_gid + stat.S_ISDIR(status.st_mode)
        return os.stat_result((*status[:5], group, *status[6:10]))

    monkeypatch.setattr(os, "fstat", folders_of_another_group)
    monkeypatch.setattr(os, "fchown", refuse)
    reason = str((await cache.publish({KEY: 1}, TTL))[KEY])
    assert "put paranad's user into that group, and chmod g+s" in reason
