"""A fact in Arabic as it stands in a plain text on a phone."""

import pytest

from paranad.arabic.sentences import in_arabic
from paranad.arabic.words import ARABIC
from paranad.said import Sentence, plain
from paranad.text import FSI, LRI, PDI
from tests.support.sentences import by_code


def said(code: str) -> Sentence:
    return Sentence(code, by_code()[code])


def test_names_and_commands_are_set_apart_and_numbers_are_not() -> None:
    told = in_arabic(said("alert.entry_silent_cure")(entry="backup:shop"))
    name = f"{LRI}backup:shop{PDI}"
    assert f"انظر {LRI}paranadctl schedule history {name}{PDI} و{LRI}paranadctl failed{PDI}" == told
    assert "المهمة 7 اكتملت الآن" == in_arabic(said("alert.its_job")(job_id=7, how=said("alert.job_completed")()))


def test_fact_within_a_fact_is_told_in_arabic_too() -> None:
    why = said("shop.late")(seconds=3.0)
    told = in_arabic(said("alert.shop_unreachable")(reason=why))
    assert told == "قاعدة بيانات المتجر لا تستجيب منذ خمس دقائق: لم تستجب خلال 3 ثوانٍ"


def test_counted_noun_takes_the_form_that_its_number_asks_for() -> None:
    late = said("alert.orders_unshipped")
    assert [
        in_arabic(late(orders=count, order_id=7, made_at="12:00")).partition(" بلا")[0] for count in (1, 2, 3, 11, 100)
    ] == ["طلب واحد", "طلبان", "3 طلبات", "11 طلباً", "100 طلب"]


def test_state_within_a_fact_is_told_in_arabic() -> None:
    assert f"المهمة 7 حالتها «{FSI}{ARABIC['state:failed']}{PDI}»" == in_arabic(
        said("job.stands")(id=7, state="failed")
    )


def test_text_from_outside_stays_in_one_piece_whatever_its_direction() -> None:
    assert f"{LRI}No space left on device{PDI}" == in_arabic(plain("No space left on\ndevice"))
    assert f"{FSI}سلمى (7){PDI}" == in_arabic(plain("سلمى (7)"))


def test_fact_without_an_arabic_stays_english_and_says_what_it_says() -> None:
    assert f"{LRI}3 new things{PDI}" == in_arabic(Sentence("alert.of_tomorrow", "{count} new things")(count=3))


def test_list_has_arabic_commas() -> None:
    told = in_arabic(said("control.known_parameters")(names=["limit", "task"]))
    assert f"؛ المعروف: {LRI}limit{PDI}، {LRI}task{PDI}" == told


@pytest.mark.parametrize(
    ("delay", "told"),
    [("5s", "5 ثوانٍ"), ("1h30m", "ساعة و30 دقيقة"), ("2h7m", "ساعتين و7 دقائق"), ("7d", "7 أيام"), ("0s", "0 ثانية")],
)
def test_a_duration_is_told_in_words(delay: str, told: str) -> None:
    assert f"أُخّر عشوائياً {told}" == in_arabic(said("schedule.delayed")(delay=delay))


def test_what_is_no_duration_in_words_stays_as_it_is() -> None:
    assert f"أُخّر عشوائياً {LRI}41ms{PDI}" == in_arabic(said("schedule.delayed")(delay="41ms"))
