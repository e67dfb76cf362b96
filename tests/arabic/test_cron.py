from paranad.arabic.words import cron_words
from paranad.catalogue import SCHEDULE

WORDS = {
    "* * * * *": "كل دقيقة",
    "*/2 * * * *": "كل دقيقتين",
    "*/5 * * * *": "كل 5 دقائق",
    "*/15 * * * *": "كل 15 دقيقة",
    "0 * * * *": "كل ساعة",
    "7 * * * *": "كل ساعة عند الدقيقة 7",
    "0 */2 * * *": "كل ساعتين",
    "0 2 * * *": "يومياً 02:00",
    "30 3 * * 5": "كل يوم الجمعة 03:30",
    "30 3 * * Sun": "كل يوم الأحد 03:30",
    "0 0 1 * *": "شهرياً يوم 1، 00:00",
}


def test_forms_of_cron_that_shops_use_are_in_words() -> None:
    assert {cron: cron_words(cron) for cron in WORDS} == WORDS


def test_other_forms_stay_the_expression() -> None:
    for cron in ("0 0 1-7 * */7", "0 0 1 1 *", "* 3 * * *", "5,10 * * * *", "*/5 */2 * * *", "0 2 1 * 1", "x"):
        assert cron_words(cron) is None


def test_every_entry_of_the_shop_has_words() -> None:
    assert [name for name, cron in SCHEDULE.items() if cron_words(cron) is None] == []
