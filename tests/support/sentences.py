"""Every sentence that the program declares, and every call of one."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import paranad
from paranad.control import remarks
from paranad.said import Sentence


class Call(NamedTuple):
    """Where a sentence is called, and with the names of which values."""

    place: str
    sentence: Sentence
    names: set[str]


@cache
def modules() -> tuple[ModuleType, ...]:
    """Return every module of the program; a `__main__` would run."""
    found = (each.name for each in pkgutil.walk_packages(paranad.__path__, "paranad."))
    return tuple(importlib.import_module(name) for name in found if not name.endswith("__main__"))


@cache
def declared() -> tuple[Sentence, ...]:
    """Return the sentences that modules hold, alone or in tables; each object once."""
    found = {id(each): each for module in modules() for value in vars(module).values() for each in _within(value)}
    return tuple(found.values())


def of(module: ModuleType) -> list[Sentence]:
    """Return the sentences that *module* itself holds by a name."""
    return [each for each in vars(module).values() if isinstance(each, Sentence)]


def by_code() -> dict[str, str]:
    """Return the English of every fact by its code; the status has remarks with codes of their own."""
    remarks_ids = {id(each) for each in of(remarks)}
    return {each.code: each.english for each in declared() if id(each) not in remarks_ids}


def _within(value: Any) -> Iterator[Sentence]:
    if isinstance(value, Sentence):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _within(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _within(each)
    elif is_dataclass(value) and not isinstance(value, type) and type(value).__module__.startswith("paranad."):
        for field in fields(value):
            yield from _within(getattr(value, field.name, None))


@cache
def written() -> tuple[str, ...]:
    """Return the codes of the sentences that the source declares with a code of its own, however often it does."""
    return tuple(
        str(node.args[0].value)
        for module in modules()
        for node in _calls(module)
        if isinstance(node.func, ast.Name) and node.func.id == "Sentence" and isinstance(node.args[0], ast.Constant)
    )


def calls() -> Iterator[Call]:
    """Yield the calls of sentences by their names; one whose values come as `**values` is not among them."""
    for module in modules():
        for node in _calls(module):
            called = _called(node.func, module)
            if isinstance(called, Sentence) and all(keyword.arg for keyword in node.keywords):
                names = {str(keyword.arg) for keyword in node.keywords}
                yield Call(f"{module.__name__}:{node.lineno}", called, names)


def enum_words() -> Iterator[tuple[str, str]]:
    """Yield the place and the name of every value of a fact that is the `value` of an enum."""
    for module in modules():
        for node in _calls(module):
            if isinstance(_called(node.func, module), Sentence):
                for keyword in node.keywords:
                    if isinstance(keyword.value, ast.Attribute) and keyword.value.attr == "value":
                        yield f"{module.__name__}:{node.lineno}", str(keyword.arg)


def _calls(module: ModuleType) -> Iterator[ast.Call]:
    return (node for node in ast.walk(_tree(module)) if isinstance(node, ast.Call))


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text("utf-8"))


def _called(function: ast.expr, module: ModuleType) -> Any:
    """Return what a name, or a name of another module, stands for in *module*; a local name stands for nothing."""
    match function:
        case ast.Name(id=name):
            return vars(module).get(name)
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if isinstance(vars(module).get(owner), ModuleType):
            return getattr(vars(module)[owner], name, None)
        case _:
            return None


TESTS = frozenset({"startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split"})
"""Methods of a text that look for another."""
PATTERNS = frozenset({"compile", "match", "fullmatch", "search", "sub", "findall", "finditer", "split"})
"""Functions of `re`."""


def looked_for() -> Iterator[tuple[str, str]]:
    """Yield every text of several words that the program looks for in another one, with where it does."""
    for module in modules():
        for node in ast.walk(_tree(module)):
            for text in _sought(node):
                if " " in text.strip():
                    yield f"{module.__name__}:{getattr(node, 'lineno', 0)}", text


def _sought(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()]):
            yield from _texts(left)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            yield from (*_texts(left), *_texts(right))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name), args=[first, *_]) if name in PATTERNS:
            yield from _texts(first)
        case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]) if name in TESTS:
            yield from _texts(first)
        case ast.match_case(pattern=ast.MatchValue(value=value)):
            yield from _texts(value)
        case _:
            return


def _texts(node: ast.expr) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
