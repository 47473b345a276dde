"""The platform's XML: whatever form a document has, it says what any XML parser reads in it, or is refused."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.wecom.xmltree import parse, several

PIECES = (
    "<xml>", "</xml>", "<a>", "</a>", "<b>", "</b>", "<a/>", "<![CDATA[", "]]>", "]", "]]", "<", ">", "&", "&amp;", "&#65;",
    "&#0;", "&x;", " ", "\n", "\r\n", "\t", "\x00", "\x0b", "\x1f", "\x7f", "\x85", "\ufffd", "\ufffe", "\uffff", "\ud800",
    "订单", "🚚", "a=1", 'a="1"', "<!--", "-->", "<?xml version='1.0'?>", "1", "x", "/", "Ａ", "é",
)  # fmt: skip
FIELDS = st.tuples(
    st.sampled_from(["a", "b", "c1", "_d", "E-f", "é", "1x", "a b"]),
    st.booleans(),
    st.lists(st.sampled_from(PIECES[7:]), max_size=4).map("".join),
    st.sampled_from(["", "\n", "  ", "x", "\r"]),
)


def as_read_elsewhere(text: str) -> Any:
    """What the standard library's tree says; None where it reads no fields."""
    try:
        root = ET.fromstring(text.encode("utf-8", "replace"))
    except ET.ParseError:
        return None

    def value(node: ET.Element) -> Any:
        found: dict[str, Any] = {}
        for child in node:
            found[child.tag] = [*several(found[child.tag]), value(child)] if child.tag in found else value(child)
        return found or "".join(node.itertext())

    fields = value(root)
    return fields if isinstance(fields, dict) else None


def agree(text: str) -> None:
    expected = as_read_elsewhere(text)
    if expected is None:
        with pytest.raises(ValueError, match="XML"):
            parse(text)
    else:
        assert parse(text) == expected


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_document_is_read_as_others_read_it(text: str) -> None:
    agree(text)
    agree(f"<xml>{text}</xml>")


@given(st.lists(FIELDS, max_size=5))
def test_fields_plain_and_in_sections_are_read_as_others_read_them(fields: list[tuple[str, bool, str, str]]) -> None:
    said = "".join(
        f"<{name}>{f'<![CDATA[{text}]]>' if section else text}</{name}>{after}" for name, section, text, after in fields
    )
    agree(f"<xml>{said}</xml>")


@pytest.mark.parametrize(
    "char", list("\x00\x01\x08\t\n\x0b\x0c\r\x0e\x1f\x7f\x85]<>&'\ud800\udfff\ufffd\ufffe\uffff\U0001f69a"), ids=ascii
)
def test_a_character_is_taken_or_refused_as_others_do(char: str) -> None:
    agree(f"<xml><a>1{char}2</a><b>3</b></xml>")
    agree(f"<xml><a><![CDATA[1{char}2]]></a></xml>")


def test_a_document_type_is_refused_and_so_is_what_is_too_large() -> None:
    for text in (
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
        "<!DOCTYPE xml><xml><Content>x</Content></xml>",
        "<xml>" + "".join(f"<f{number}>1</f{number}>" for number in range(2500)) + "</xml>",
        "<xml>" + "<a>" * 20 + "</a>" * 20 + "</xml>",
    ):
        with pytest.raises(ValueError, match=r"document|XML"):
            parse(text)
