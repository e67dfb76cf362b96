from io import StringIO

from paranad.cli.results import args_words, brief, result_words
from paranad.cli.screen.render import draw
from tests.support.answers import tally


def words(result: object) -> str:
    out = StringIO()
    draw(result_words(result), out, terminal=False)
    return out.getvalue()


def test_tally_says_how_much_and_why() -> None:
    shown = words(tally(4, 2, failed=[("cart 3", "broken")], skipped=[("cart 9", "has items")]))
    assert "looked at 4, changed 2, skipped 1, failed 1\n" in shown
    assert "cart 3  broken\n" in shown
    assert "cart 9  has items\n" in shown


def test_tally_says_that_more_failed_than_it_names() -> None:
    result = tally(failed=[("cart 3", "broken")])
    result["failed"]["count"] = 7
    assert "and 6 more\n" in words(result)


def test_what_a_task_alone_knows_follows_its_tally() -> None:
    shown = words(tally(enqueued=3, rows=[{"cart_id": 1, "ids": [1, 2]}, {"cart_id": 2}], request={"phone": "…123"}))
    assert "enqueued: 3\n" in shown
    assert "cart id  ids\n1        1, 2\n2\n" in shown
    assert "phone  …123\n" in shown


def test_output_of_a_command_keeps_its_lines() -> None:
    assert words({"exit_status": 0, "output": "a\n  b\n"}) == "exit status: 0\n\nOutput\na\n  b\n"


def test_long_output_is_cut_to_its_end_for_whoever_waited() -> None:
    lines = [f"line {number}" for number in range(1000)]
    told, is_cut = brief({"answer": 7, "output": "\n".join(lines) + "\n"})
    assert ({"answer": 7, "output": "\n".join(lines[-20:])}, True) == (told, is_cut)
    assert (2000, True) == (len(brief({"output": "x" * 65536})[0]["output"]), brief({"output": "x" * 65536})[1])
    assert ({"output": "a\nb"}, False) == brief({"output": "a\nb\n"})
    assert ({"looked_at": 1}, False) == brief({"looked_at": 1})


def test_any_other_result_is_shown_as_it_is() -> None:
    assert words(None) == ""
    assert words("done") == "done\n"
    assert (
        words({"empty": [], "none": None, "mixed": [1, {"a": 2}]}) == 'empty: none\nnone: none\nmixed: [1, {"a": 2}]\n'
    )


def test_arguments_are_shown_as_they_are_typed() -> None:
    assert args_words({"order_id": 12, "data": {"a": 1}}) == 'order_id=12 data={"a": 1}'
