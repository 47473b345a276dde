import pytest

from bot.rehearsal.script import ScriptProblem, read_line


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"form": "wangli", "text": "hi"}', "there is no key 'form'; did you mean 'from'?"),
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "needs one of"),
        ('{"at": "2026-11-23T09:00:00"}', "at: "),
        ('{"from": "wangli"}', "needs text, press or files"),
        ('{"from": "wangli", "text": "x", "press": "y"}', "not both"),
        ('{"from": "wangli", "text": "x", "get": "/api"}', "one thing"),
        ('{"from": "wangli", "text": "x", "vai": "slack"}', "vai"),
        ('{"from": "wangli", "text": "x", "via": "fax"}', "via"),
        ('{"fail": "timeout"}', "needs 'to'"),
        ('{"fail": "explosion", "to": "zhou"}', "fail"),
    ],
)
def test_a_line_that_is_no_line_is_refused_with_its_number_and_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ScriptProblem) as caught:
        read_line(7, text)
    assert str(caught.value).startswith("line 7: ")
    assert reason in str(caught.value)


def test_an_id_is_the_label_and_without_one_the_line_is() -> None:
    first = read_line(3, '{"from": "a", "text": "x"}')
    second = read_line(4, '{"from": "a", "text": "x", "id": "x1"}')
    assert first is not None
    assert second is not None
    assert (first.label, second.label) == ("line:3", "x1")


def test_blank_lines_are_passed_over() -> None:
    assert read_line(1, "  \n") is None
