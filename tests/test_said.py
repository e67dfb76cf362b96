"""A fact states itself in English, keeps its code and values, and comes back whole from JSON."""

import re
from collections import Counter

import orjson
import pytest

from paranad.errors import WrongState
from paranad.said import Said, Sentence, from_document, names_in, plain
from tests.support.sentences import calls, declared, looked_for, modules, written

pytestmark = pytest.mark.xdist_group("source")
"""One worker reads the whole source, not each."""
WAITS = Sentence("test.waits", "{jobs:job} of {names} waits {seconds:g} s: {reason}")
LOCKED = Sentence("test.locked", "{file} is locked")


def test_calling_a_sentence_states_the_fact() -> None:
    said = WAITS(jobs=1, names=["a", "b"], seconds=2.0, reason=LOCKED(file="queue.db"))
    assert said.text == "1 job of a, b waits 2 s: queue.db is locked"
    assert said.code == "test.waits"


def test_fact_comes_back_from_json() -> None:
    said = WAITS(jobs=2, names=["a"], seconds=0.5, reason=LOCKED(file="queue.db"))
    assert from_document(orjson.loads(orjson.dumps(said.document()))) == said


def test_sentence_without_one_of_its_values_is_a_defect() -> None:
    with pytest.raises(KeyError, match="file"):
        LOCKED()


def test_cleaning_reaches_every_text() -> None:
    said = WAITS(jobs=2, names=["key"], seconds=1, reason=LOCKED(file="key.db")).cleaned(
        lambda text: text.replace("key", "(hidden)")
    )
    assert "key" not in orjson.dumps(said.document()).decode()


def test_error_carries_its_fact() -> None:
    assert LOCKED(file="x") == WrongState(LOCKED(file="x")).said
    assert "x is locked" == str(WrongState(LOCKED(file="x")))


def test_text_from_outside_has_no_code() -> None:
    assert Said("", {}, "No space left on device") == plain("No space left on device")


def test_every_code_has_one_sentence() -> None:
    codes = [*written(), *(each.code for each in declared())]
    assert ["restored"] == [code for code, times in Counter(written()).items() if times > 1], "a remark has it too"
    assert set(written()) - {each.code for each in declared()} == set(), "declared where nobody finds it"
    assert ["restored"] == [code for code, times in Counter(each.code for each in declared()).items() if times > 1]
    assert [code for code in codes if not re.fullmatch(r"[a-z_-]+(\.[a-z0-9_-]+)?", code)] == []


def test_every_call_of_a_sentence_names_its_values_and_no_other() -> None:
    found = list(calls())
    assert len(found) > 50
    wrong = [(each.place, each.sentence.code) for each in found if names_in(each.sentence.english) != each.names]
    assert [] == wrong


WORDS = re.compile(r"[A-Za-z']+(?: [A-Za-z']+)+")
READERS = {
    "paranad.arabic.words": "cron expressions",
    "paranad.cli.help": "the states that an option names, and what is read from left to right",
    "paranad.cli.commands.logs": "what is typed",
    "paranad.cli.doctor.twice": "crontabs and units of others",
    "paranad.cli.report.fields": "what programs wrote, to hide it",
    "paranad.cli.report.gather": "what the machine says of itself",
    "paranad.cli.report.words": "what programs wrote, to hide it",
}
"""The modules of the command line and of the Arabic that may read a text, with what they read."""


def test_nobody_knows_a_sentence_by_its_words() -> None:
    english = [each.english for each in declared()]
    sought = [(place, words) for place, text in looked_for() for words in WORDS.findall(text)]
    assert len(sought) > 5
    assert [] == [(place, words) for place, words in sought if any(words in each for each in english)]


def test_the_command_line_reads_no_text_but_those_from_outside() -> None:
    rooms = "paranad.cli.", "paranad.arabic."
    reading = {each.__name__ for each in modules() if each.__name__.startswith(rooms) and "re" in vars(each)}
    assert set(READERS) == reading
