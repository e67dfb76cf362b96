"""What is not marked as safe is escaped, in content and in attributes."""

import pytest

from paranad.web.markup import Markup, joined, tag


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("td", "<b>&", Markup("<i>x</i>")) == "<td>&lt;b&gt;&amp;<i>x</i></td>"


def test_attributes_are_escaped_and_named_as_html_has_them() -> None:
    drawn = tag("td", class_="n", data_label='"><script>', hidden=True, id=None, viewBox="0 0 1 1")
    assert drawn == '<td class="n" data-label="&quot;&gt;&lt;script&gt;" hidden viewBox="0 0 1 1"></td>'


def test_element_without_an_end_has_none() -> None:
    assert joined([tag("br"), tag("input", value=3)]) == '<br><input value="3">'


def test_attribute_with_a_strange_name_is_refused() -> None:
    with pytest.raises(ValueError, match="no attribute's name"):
        tag("td", **{"x onload=alert(1)": "y"})
