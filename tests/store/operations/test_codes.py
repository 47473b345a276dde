"""A binding code is known again in whatever way it is typed."""

from conversations.dialogs.linking import code_in
from store.operations.identities import make_code, plain_code


def test_every_code_is_known_however_it_is_typed(desk):
    for _ in range(60):
        code = desk.as_("root", make_code, "wangli")
        for typed in (code, code.lower().replace("-", " "), code.lower().replace("-", ""), f"link {code.lower()}"):
            assert plain_code(code_in(typed) or "") == plain_code(code), typed
