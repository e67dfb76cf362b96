"""A record is compared, hashed and shown by its fields, as a dataclass is."""

from dataclasses import field, replace

from paranad.record import named_record, record


@record
class Parcel:
    order: int
    phone: str = field(repr=False)
    seen: int = field(default=0, compare=False)


@record
class Letter(Parcel):
    pages: int = 1


@named_record
class Nothing:
    """Has no fields."""


def test_records_are_equal_by_their_fields_and_their_class() -> None:
    assert Parcel(1, "077", 5) == Parcel(1, "077", 6)
    assert Parcel(1, "077") != Parcel(1, "078")
    assert Parcel(1, "077") != Letter(1, "077")
    assert Letter(1, "077", pages=2) != Letter(1, "077")
    assert Nothing() == Nothing()


def test_equal_records_are_one_key() -> None:
    assert {Parcel(1, "077", 5), Parcel(1, "077", 6), replace(Parcel(1, "078"), phone="077")} == {Parcel(1, "077")}
    assert len({Nothing(), Nothing(), Parcel(1, "077"), Letter(1, "077")}) == 3


def test_a_record_shows_its_fields_but_those_that_are_to_be_hidden() -> None:
    assert repr(Letter(1, "077")) == "Letter(order=1, seen=0, pages=1)"
    assert repr(Nothing()) == "Nothing()"
