"""No sentence lacks its Arabic, none has more or fewer values, and none is left that nobody says."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest

import paranad
import paranad.tasks
from paranad.alerts.kinds import IncidentKind
from paranad.arabic.words import ARABIC, DURATION, NOUNS
from paranad.catalogue import CATALOGUE
from paranad.cli.commands.daemon import CATCH_UPS, FATES
from paranad.cli.commands.parcels import PARCELS
from paranad.cli.commands.pauses import GOES_ON
from paranad.cli.commands.schedule import OVERLAPS
from paranad.cli.commands.tasks import ONE_PER
from paranad.cli.language import Language
from paranad.cli.problems import CURES, KINDS
from paranad.cli.screen.say import Pen
from paranad.cli.words import (
    ACTIONS,
    ALERTS,
    CAUSES,
    COMMAND_TIMED_OUT,
    ORDER_STATUSES,
    SHIPMENTS,
    STANDINGS,
    TIMED_OUT,
    UNKNOWN,
    said_words,
    told,
    with_facts,
)
from paranad.control import remarks, schemas, schemas_schedule, schemas_shipments, schemas_status
from paranad.doctor.machine import DAEMON_NOT_READY
from paranad.errors import ParanadError
from paranad.said import Sentence, names_in
from paranad.tasks.task import AnyTask, Task, shown_arguments
from tests.support.findings import declared
from tests.support.sentences import by_code, enum_words

HOUSE = Path(paranad.__file__).parent
SPEAKERS = [file for room in ("cli", "web") for file in sorted((HOUSE / room).rglob("*.py"))]


def tasks_of_the_shop() -> list[type[AnyTask]]:
    """Return the class of each task in the catalogue."""
    for module in pkgutil.walk_packages(paranad.tasks.__path__, "paranad.tasks."):
        importlib.import_module(module.name)
    classes: list[Any] = [Task]
    found: list[type[AnyTask]] = []
    while classes:
        below = classes.pop().__subclasses__()
        classes += below
        found += [each for each in below if each.__dict__.get("facts") in CATALOGUE.values()]
    return found


def arguments_of_the_shop_s_tasks() -> Iterator[tuple[str, str]]:
    """Yield the name of each task of the shop with the name of each of its arguments."""
    for task in tasks_of_the_shop():
        yield from ((task.facts.name, name) for name in shown_arguments(task.arguments))


def constants_of(file: Path) -> dict[str, str]:
    """Return the named texts of a module, and the loop variables' possible texts are not among them."""
    found = {}
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                value = ast.literal_eval(node.value)
            except ValueError:
                continue
            if isinstance(value, str):
                found[node.targets[0].id] = value
    return found


ALL_CONSTANTS = {name: text for file in SPEAKERS for name, text in constants_of(file).items()}


def said_in(file: Path) -> Iterator[str]:
    """Yield the templates that a module says."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"say", "columns"}:
            for argument in node.args:
                branches = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
                for branch in branches:
                    if isinstance(branch, ast.Constant):
                        yield str(branch.value).removeprefix("#")
                    elif isinstance(branch, ast.Name) and branch.id in ALL_CONSTANTS:
                        yield ALL_CONSTANTS[branch.id]


STEPS = [f"{way}" for unit in ("d", "h", "min", "s") for way in (f"in {{count}} {unit}", f"{{count}} {unit} ago")]
"""What times.py chooses among."""
NAMES = ["intended", "created", "recorded", "ok", "warning", "failed"]
"""What shipments.py and doctor.py say by a name."""
SCREENS = {template: template for file in SPEAKERS for template in said_in(file) if template} | {
    template: template
    for template in [
        *STEPS,
        *NAMES,
        *ONE_PER.values(),
        *GOES_ON.values(),
        *OVERLAPS.values(),
        *FATES.values(),
        *CATCH_UPS.values(),
    ]
}
WORDED = {
    **{f"cause:{each.id}": each.cause for each in (*CAUSES, TIMED_OUT, COMMAND_TIMED_OUT, UNKNOWN)},
    **{f"cure:{each.id}": each.cure for each in (*CAUSES, TIMED_OUT, COMMAND_TIMED_OUT, UNKNOWN)},
    **{f"meaning:{state}": words[0] for state, words in SHIPMENTS.items()},
    **{f"decision:{state}": words[1] for state, words in SHIPMENTS.items()},
    **{f"standing:{standing}": words for standing, words in STANDINGS.items()},
    **{f"parcels:{kind}": words for kind, words in PARCELS.items()},
    **{f"{key}:{kind}": kind for kind in PARCELS for key in ("parcel", "parcels_named")},
    **{f"action:{action}": words for action, words in ACTIONS.items()},
    **{f"alert:{kind}": words for kind, words in ALERTS.items()},
    "alert.named": "{words} ({kind})",
    **{f"order:{status}": status for status in ORDER_STATUSES},
    **{f"note:{each.code}": each.english for each in vars(remarks).values() if isinstance(each, Sentence)},
    **{f"kind:{kind}": words.cause for kind, words in KINDS.items()},
    **{f"kind.cure:{kind}": words.cure for kind, words in KINDS.items() if words.cure},
    **{f"fact.cure:{code}": cure for code, cure in CURES.items()},
    **{f"task:{task}": "" for task in CATALOGUE},
    **{f"argument:{task}:{name}": "" for task, name in arguments_of_the_shop_s_tasks()},
}
DOCTOR = {f"finding:{code}": finding.why.english for code, finding in declared().items()} | {
    f"finding.cure:{code}": finding.cure.english for code, finding in declared().items() if finding.cure
}
FACTS = {f"said:{code}": words for code, words in by_code().items() if not code.startswith(("finding.", "cure."))}
"""What is known by its code; the doctor's findings stand in a table of their own."""
STATES = {
    f"state:{state}"
    for states in (
        schemas.JobState,
        schemas.AttemptOutcome,
        schemas.Origin,
        schemas_status.DaemonState,
        schemas_shipments.ShipmentState,
        schemas_shipments.ShipmentAttempt.model_fields["outcome"].annotation,
        schemas_schedule.Run.model_fields["outcome"].annotation,
    )
    for state in get_args(states)
} | {"state:pruned", "state:automatic", "state:manual", "state:success"}


def test_every_sentence_has_its_arabic_with_the_same_values() -> None:
    table = {**SCREENS, **WORDED, **DOCTOR, **FACTS}
    assert [key for key in table if key not in ARABIC] == []
    wrong = {key: words for key, english in table.items() if names_in(words := ARABIC[key]) != names_in(english)}
    assert wrong == {}


def test_every_state_and_outcome_has_its_arabic() -> None:
    assert STATES - set(ARABIC) == set()


STATES_OF: dict[str, Any] = {
    "job": schemas.JobState,
    "shipment": schemas_shipments.ShipmentState,
    "daemon": schemas_status.DaemonState,
    "schedule": schemas_schedule.Run.model_fields["outcome"].annotation,
}
"""Whose states the value `state` of a fact can be, by the area of its code."""
WITH_STATE = [
    code for code, words in by_code().items() if "state" in names_in(words) and not code.startswith("finding.")
]


@pytest.mark.parametrize("code", WITH_STATE)
def test_state_within_a_fact_is_told_in_arabic(code: str) -> None:
    english = by_code()[code]
    for state in get_args(STATES_OF[code.partition(".")[0]]):
        said = Sentence(code, english)(**dict.fromkeys(names_in(english), "7") | {"state": state})
        told = Pen(Language.ARABIC).line(said_words(said))
        assert (ARABIC[f"state:{state}"] in told, state in told) == (True, False), told


def test_state_within_a_finding_is_told_in_arabic() -> None:
    found = {code for code, each in declared().items() if "state" in names_in(each.why.english)}
    assert found == {"daemon-not-ready", "service-active"}, "the state of service-active is systemd's own word"
    finding = DAEMON_NOT_READY(state="draining").document()
    told_ = Pen(Language.ARABIC).line(told("finding:daemon-not-ready", finding["why"], with_facts(finding)))
    assert (ARABIC["state:draining"] in told_, "draining" in told_) == (True, False)


@pytest.mark.xdist_group("source")
def test_words_of_our_own_are_named_state_wherever_a_fact_has_them() -> None:
    found = list(enum_words())
    assert len(found) > 4
    assert [each for each in found if each[1] != "state"] == []


def test_no_arabic_is_left_that_nobody_says() -> None:
    known = {*SCREENS, *WORDED, *DOCTOR, *FACTS, *STATES, "state.named"}
    assert [key for key in ARABIC if key not in known and not key.startswith("result:")] == []


def leaves(root: type[ParanadError]) -> Iterator[type[ParanadError]]:
    yield root
    for leaf in root.__subclasses__():
        yield from leaves(leaf)


def test_every_kind_of_alert_has_its_words() -> None:
    assert set(IncidentKind) == set(ALERTS)


def test_no_kind_of_error_lacks_its_words() -> None:
    for module in pkgutil.walk_packages(paranad.__path__, "paranad."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds = {each.kind for each in leaves(ParanadError) if each.__module__.startswith("paranad.")}
    assert kinds == set(KINDS)


def test_arabic_marks_every_word_that_runs_from_the_left() -> None:
    assert {} == {key: ARABIC[key] for key in ARABIC if not is_marked(ARABIC[key])}


def is_marked(template: str) -> bool:
    literal = "".join(text for text, _, _, _ in Formatter().parse(re.sub("`[^`]*`", "", template)))
    nouns = [spec for _, _, spec, _ in Formatter().parse(template) if spec and spec.isalpha() and len(spec) > 1]
    return template.count("`") % 2 == 0 and not re.search("[A-Za-z]", literal) and set(nouns) <= {*NOUNS, DURATION}


COMMAND = re.compile(
    r"paranadctl ([a-z]+(?: (?:list|show|run|retry|forget|settle|resend|reconcile|resume|history)\b)?)"
)


def test_arabic_names_the_commands_that_the_english_names() -> None:
    wrong = {
        key: ARABIC[key]
        for key, english in {**SCREENS, **WORDED, **DOCTOR}.items()
        if set(COMMAND.findall(english)) != set(COMMAND.findall(ARABIC[key]))
    }
    assert wrong == {}
