"""What a text says of the fields of a form."""

import pytest

from conversations.dialogs.formwords import Called, said_in

FORM = (
    Called("crates", ("Crates",), "integer"),
    Called("boxes", ("箱数",), "integer"),
    Called("degrees", ("Temperature",), "decimal"),
    Called("signed", ("Signed for",), "check"),
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2 crates, signed for, temperature 4.5", {"crates": "2", "signed": True, "degrees": "4.5"}),
        ("crates: 3", {"crates": "3"}),
        ("顺丰SF123 12箱", {"boxes": "12"}),
        ("1,200 crates", {"crates": "1200"}),
        ("B12 crates", {}),
        ("2 crates, no 3 crates", {}),
        ("the crates", {}),
    ],
)
def test_a_number_belongs_to_the_field_it_stands_by(text, values):
    assert {one.part.field: one.value for one in said_in(text, FORM)} == values
