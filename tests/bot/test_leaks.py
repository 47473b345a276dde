"""Nothing that is nobody's business outside reaches a customer's people, whatever they ask, press or open."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import leaks

ROOT = Path(__file__).parents[2]


async def test_what_a_customers_people_get_holds_nothing_internal(tmp_path: Path) -> None:
    seen = await leaks.watch(tmp_path, short=True)
    assert len(seen) > 50
    assert leaks.hits(seen) == []


@pytest.mark.long
async def test_nor_when_they_ask_everything_and_press_every_button(tmp_path: Path) -> None:
    seen = await leaks.watch(tmp_path)
    assert len(seen) > 150
    assert leaks.hits(seen) == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "line", "instead"),
    [
        ("store/reads/public.py", "form = [field for field in frame.spec(book, order, row.step_key).form if field.public]",
         "form = list(frame.spec(book, order, row.step_key).form)"),
        ("store/reads/public.py", 'if part.public is None or step is None or step.status == "skipped":', "if step is None:"),
        ("conversations/handlers/showing.py", "    if conv.public:\n", "    if False:\n"),
        ("store/operations/urging.py", "why = None if asker is None or asker.is_contact else order.reason", "why = order.reason"),
        ("store/reads/seeing.py", "return col(Order.customer) == viewer.customer if viewer.customer else false()", "return true()"),
    ],
)  # fmt: skip
def test_a_hole_in_the_allow_list_is_noticed(file: str, line: str, instead: str, tmp_path: Path) -> None:
    for folder in ("store", "conversations", "reminders", "adapters", "bot", "tests/support"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests" / "__init__.py").touch()
    text = (tmp_path / file).read_text("utf-8")
    assert line in text
    changed = text.replace(line, instead)
    if file.endswith("public.py") and instead == "if step is None:":
        changed = changed.replace(
            "name = part.public.raw\n        state",
            "name = part.public.raw if part.public else part.name.raw\n        state",
        )
    (tmp_path / file).write_text(changed, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.leaks"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("hits"), done.stderr
