"""docs/architecture.md draws the house as it stands: every room, every file, and nothing that is gone."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "paranad"
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
ALONE = re.compile(r"^\| `(\w+)` \| ([^|]+) \|$", re.MULTILINE)


def drawn() -> str:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    return page[page.index("## The rooms") : page.index("## The way of a job")]


def names_in(folder: Path) -> set[str]:
    """Return the modules of a folder by their names, its folders with a stroke; SQL is each room's own affair."""
    modules = {each.stem for each in folder.glob("*.py")} - {"__init__"}
    folders = {f"{each.name}/" for each in folder.iterdir() if list(each.glob("*.py"))}
    return modules | folders


def test_every_room_and_its_files_are_drawn() -> None:
    rooms = {room: set(re.findall(r"`([\w/]+)`", files)) for room, _, files in ROW.findall(drawn())}
    assert rooms == {each.name: names_in(each) for each in HOUSE.iterdir() if (each / "__init__.py").exists()}


def test_every_file_beside_the_rooms_is_drawn() -> None:
    assert {name for name, _ in ALONE.findall(drawn())} == {each.stem for each in HOUSE.glob("*.py")} - {"__init__"}


def test_every_room_has_its_tests() -> None:
    """A test of a room stands in the folder of its name; `events` holds values alone."""
    rooms = {each.name for each in HOUSE.iterdir() if (each / "__init__.py").exists()} - {"events", "demo"}
    assert set() == rooms - {each.name for each in (ROOT / "tests").iterdir() if each.is_dir()}
