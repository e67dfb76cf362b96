"""What import-linter cannot see: empty package files, one clock, sizes, reasons, no address of a registry."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "paranad").rglob("*.py"))
PACKAGES = [module for module in MODULES if module.name == "__init__.py"]
CLOCKS = re.compile(
    r"\b(time\.(time|monotonic|perf_counter|localtime|gmtime)(_ns)?|(datetime|date)\.(now|utcnow|today))\("
)
LIBRARIES_OF_THE_DAEMON = {
    "pydantic",
    "pydantic_settings",
    "sqlalchemy",
    "fastapi",
    "uvicorn",
    "httpx",
    "structlog",
    "aiosqlite",
    "rich",
    "asyncio",
}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text("utf-8"))


def functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_package_files_hold_a_docstring_only() -> None:
    bodies = {relative(package): tree(package).body for package in PACKAGES}
    assert [] == [name for name, body in bodies.items() if [ast.Expr] != [type(statement) for statement in body]]


def test_modules_say_what_belongs_in_them() -> None:
    assert [] == [relative(each) for each in MODULES if not ast.get_docstring(tree(each))]


def test_only_the_clock_reads_the_time() -> None:
    readers = [relative(module) for module in MODULES if CLOCKS.search(module.read_text("utf-8"))]
    assert ["paranad/cli/screen/times.py", "paranad/clock.py"] == readers, (
        "the command line stands apart and only shows times"
    )


def test_file_holds_one_idea() -> None:
    lengths = {relative(module): len(module.read_text("utf-8").splitlines()) for module in MODULES}
    assert {} == {name: length for name, length in lengths.items() if length >= 400}


def test_forms_of_the_api_are_named_with_their_module() -> None:
    """`schemas.Job` shows the queue's `Job`: the bare name is the record's alone."""
    bare = re.compile(r"from paranad\.control\.(schemas\w*|requests) import")
    assert [] == [relative(module) for module in MODULES if bare.search(module.read_text("utf-8"))]


def test_functions_fit_a_screen() -> None:
    lengths = {
        f"{relative(module)}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for module in MODULES
        for node in functions(module)
    }
    assert {} == {name: length for name, length in lengths.items() if length > 50}


def test_the_programs_help_starts_nothing_of_the_daemon() -> None:
    words = "import sys, paranad.commands; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout.split()
    assert set() == LIBRARIES_OF_THE_DAEMON & set(loaded)


def test_the_daemon_and_the_page_load_no_part_that_they_do_not_use() -> None:
    """An import from a package itself would bring these along, with ten MiB: see paranad/lean.py."""
    unused = "{'sqlalchemy.orm', 'pydantic.v1', 'click', 'multiprocessing', 'rich', 'prometheus_client', 'asyncmy'}"
    words = f"import sys, paranad.life, paranad.web.served; print([name for name in {unused} if sys.modules.get(name)])"
    loaded = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout
    assert "[]\n" == loaded
