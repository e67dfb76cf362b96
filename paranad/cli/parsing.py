"""How a command line is read: what a command takes, as its function declares it, and the words that were typed.

An option may stand before and behind the arguments, an option's value is the next word whatever it is, `--opt=value` is
the same, nothing is abbreviated, and behind `--` all words are arguments.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from paranad.said import Said, Sentence
from paranad.text import harmless
from paranad.wording import all_near

NO_COMMAND = Sentence("usage.no_command", "No such command '{name}'.{near}")
NEAR_COMMANDS = Sentence("usage.near_commands", " Did you mean {names}?")
NO_OPTION = Sentence("usage.no_option", "No such option: {name}{near}")
NEAR_OPTIONS = Sentence("usage.near_options", " (Possible options: {names})")
COMMAND_MISSING = Sentence("usage.command_missing", "Missing command.")
ARGUMENT_MISSING = Sentence("usage.argument_missing", "Missing argument '{name}'.")
OPTION_MISSING = Sentence("usage.option_missing", "Missing option '{name}'.")
VALUE_MISSING = Sentence("usage.value_missing", "Option '{name}' requires an argument.")
NO_VALUE_WANTED = Sentence("usage.no_value_wanted", "Option '{name}' does not take a value.")
TOO_MANY = Sentence("usage.too_many", "Got unexpected extra argument(s) ({words})")
WRONG_VALUE = Sentence("usage.wrong_value", "Invalid value for '{name}': {why}")
WRONG = Sentence("usage.wrong", "Invalid value: {why}")
NO_TEXT = Sentence("usage.no_text", "expected a text in UTF-8, got {got}")


class WrongUsage(Exception):
    """The command line is wrong."""

    exit_code = 2

    def __init__(self, said: Said) -> None:
        super().__init__(said.text)
        self.said = said

    def whole(self) -> Said:
        """Return what is wrong as a sentence that stands alone."""
        return self.said


class Misuse(WrongUsage):
    """A value, of the option or argument *name* if that is told, is not what it should be."""

    def __init__(self, said: Said, name: str = "") -> None:
        super().__init__(said)
        self.name = name

    def whole(self) -> Said:
        return WRONG_VALUE(name=self.name, why=self.said) if self.name else WRONG(why=self.said)


def text(word: str) -> str:
    """Read a text, as it is.

    Raises:
        Misuse: it is not UTF-8.
    """
    try:
        word.encode()
    except UnicodeEncodeError:
        raise Misuse(NO_TEXT(got=f'"{harmless(word)}"')) from None
    return word


class _Declared(NamedTuple):
    form: str
    """As --help shows it: `--limit N`, `-f, --follow`, `TASK`."""
    help: str
    read: Callable[[str], Any] = text
    """Makes the value of the word. Raises Misuse if it is none."""
    several: bool = False
    """Whether it may be given again: its value is then a list."""

    @property
    def names(self) -> list[str]:
        """`-f` and `--follow`; none of an argument."""
        return [word.rstrip(",") for word in self.form.split() if word.startswith("-")]

    @property
    def value(self) -> str:
        """What stands for its value: `N`; empty for an option without one."""
        last = self.form.split()[-1]
        return "" if last.startswith("-") else last


class Option(_Declared):
    """An option, in the annotation of the parameter that takes its value: True, if it is one without a value."""


class Argument(_Declared):
    """An argument, in the annotation of the parameter that takes its value."""


REQUIRED: Any = object()
"""In place of a default: there is none."""


class Param(NamedTuple):
    """A parameter of a command's function."""

    key: str
    declared: Option | Argument
    default: Any

    @property
    def is_required(self) -> bool:
        return self.default is REQUIRED


HELP = Option("-h, --help", "Show this message and exit.")


class Page(NamedTuple):
    """A command, or a group of them, as it is typed and as --help shows it."""

    path: tuple[str, ...]
    """From the program's name on."""
    help: str
    """A docstring."""
    params: Sequence[Param] = ()
    """What it takes, beside `--help`."""
    example: str = ""
    work: Callable[..., None] | None = None
    """Does it; None for a group."""
    below: Mapping[str, "Callable[[], Page]"] = {}
    """The commands of a group; each is loaded when its page is asked for."""
    hidden: Mapping[str, "Callable[[], Page]"] = {}
    """Those that --help does not list."""

    @property
    def options(self) -> list[Option]:
        return [*(each.declared for each in self.params if isinstance(each.declared, Option)), HELP]


Given: TypeAlias = dict[Option, list[str]]
"""The options that were typed, in their order, each with its values."""


def params_of(work: Any) -> list[Param]:
    """Return what the function *work* takes of the command line: the parameters that are annotated with it."""
    names = work.__code__.co_varnames[: work.__code__.co_argcount]
    last = work.__defaults__ or ()
    defaults = {**dict(zip(names[len(names) - len(last) :], last, strict=True)), **(work.__kwdefaults__ or {})}
    return [
        Param(key, hint.__metadata__[0], defaults.get(key, REQUIRED))
        for key, hint in work.__annotations__.items()
        if hasattr(hint, "__metadata__")
    ]


def sorted_out(options: Iterable[Option], words: Sequence[str], *, to_first: bool) -> tuple[Given, list[str]]:
    """Part *words* into the options and the rest; *to_first*: the first other word, a command, ends the search.

    Raises:
        WrongUsage: there is no such option, its value is missing, or it takes none.
    """
    known = {name: option for option in options for name in option.names}
    given: Given = {}
    rest: list[str] = []
    waiting = list(words)
    while waiting and not (to_first and rest):
        word = waiting.pop(0)
        if word == "--":
            break
        if len(word) < 2 or not word.startswith("-"):
            rest.append(word)
        elif word.startswith("--"):
            _note_long(word, known, waiting, given)
        else:
            _note_short(word, known, given)
    return given, rest + waiting


def _note_long(word: str, known: dict[str, Option], waiting: list[str], given: Given) -> None:
    """Note `--option`, `--option=value`, or `--option` with the next of the *waiting* words as its value."""
    name, equals, value = word.partition("=")
    option = _option(name, known)
    if not option.value and equals:
        raise WrongUsage(NO_VALUE_WANTED(name=name))
    if option.value and not equals:
        if not waiting:
            raise WrongUsage(VALUE_MISSING(name=name))
        value = waiting.pop(0)
    given.setdefault(option, []).append(value)


def _note_short(word: str, known: dict[str, Option], given: Given) -> None:
    """Note `-f`, or several such letters in one word; none of them takes a value."""
    for letter in word[1:]:
        given.setdefault(_option(f"-{letter}", known), []).append("")


def _option(name: str, known: dict[str, Option]) -> Option:
    if name in known:
        return known[name]
    near = sorted(all_near(name, (each for each in known if each.startswith("--"))))
    raise WrongUsage(NO_OPTION(name=name, near=NEAR_OPTIONS(names=", ".join(near)) if near else ""))


def no_command(name: str, known: Iterable[str]) -> WrongUsage:
    """Return the error that there is no command *name*, with those of the *known* that it may have meant."""
    near = ", ".join(f"'{each}'" for each in all_near(name, known))
    return WrongUsage(NO_COMMAND(name=harmless(name), near=NEAR_COMMANDS(names=near) if near else ""))


def values_of(params: Sequence[Param], given: Given, rest: Sequence[str]) -> dict[str, Any]:
    """Return the values for a command's function: of the options that were *given*, and of the *rest* as arguments.

    Raises:
        WrongUsage: a value is wrong or missing, or a word is left over.
    """
    by_option = {param.declared: param for param in params}
    typed = [(by_option[option], words) for option, words in given.items()]
    left = list(rest)
    for param in params:
        if isinstance(param.declared, Argument):
            end = len(left) if param.declared.several else 1
            typed.append((param, left[:end]))
            del left[:end]
        elif param.declared not in given:
            typed.append((param, []))
    values = {param.key: _value(param, words) for param, words in typed}
    if left:
        raise WrongUsage(TOO_MANY(words=" ".join(left)))
    return values


def _value(param: Param, words: Sequence[str]) -> Any:
    declared = param.declared
    name = declared.names[-1] if declared.names else declared.value
    if not words:
        if param.is_required:
            raise WrongUsage((OPTION_MISSING if declared.names else ARGUMENT_MISSING)(name=name))
        return param.default
    if not declared.value:
        return True
    try:
        return [declared.read(word) for word in words] if declared.several else declared.read(words[-1])
    except Misuse as error:
        raise Misuse(error.said, name) from None
