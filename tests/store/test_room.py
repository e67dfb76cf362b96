"""From when on the disk of the state directory has too little room."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from paranad.store.room import MIB, Room, room_of

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("total", "wanted"), [(GIB, 256 * MIB), (20 * GIB, GIB), (2048 * GIB, 2 * GIB)], ids=["small", "usual", "large"]
)
def test_a_twentieth_of_the_disk_must_be_free_within_bounds(total: int, wanted: int) -> None:
    assert wanted == Room(wanted, total).wanted_bytes
    assert not Room(wanted, total).is_nearly_full
    assert Room(wanted - 1, total).is_nearly_full


def test_a_disk_is_full_where_no_backup_fits() -> None:
    assert Room(100 * MIB - 1, 20 * GIB).is_full
    assert not Room(100 * MIB, 20 * GIB).is_full


def test_a_disk_on_which_no_file_can_be_made_has_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert room_of(tmp_path).total_bytes > 0
    disk = SimpleNamespace(f_bavail=GIB, f_blocks=GIB, f_frsize=4096, f_files=100, f_favail=0)
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    assert Room(0, GIB * 4096) == room_of(tmp_path)
