import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.cli import COMMANDS
from bot.cli.speaking import LANGUAGES, words
from bot.starting import first_company
from store.company import read_company
from store.units import open_engine
from tests.support.companies import PUMP


def gendan(*given: str, stdin: str = "", home: Path, language: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "GENDAN_HOME": str(home), "LANG": language}
    return subprocess.run(
        [sys.executable, "-m", "bot", *given], input=stdin, capture_output=True, text=True, env=environment, check=False
    )


@pytest.fixture
def company(tmp_path: Path) -> Path:
    path = tmp_path / "pump.yaml"
    path.write_text(PUMP, "utf-8")
    return path


def test_help_imports_nothing_heavy() -> None:
    script = "import bot.cli, sys; print([m for m in ('sqlalchemy','pydantic','nicegui','telegram','fastapi') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_what_it_is_for(command: str, tmp_path: Path) -> None:
    done = gendan(command, "--help", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert words("en")[f"help.{command}"].split()[0] in done.stdout


def test_commands_speak_both_languages_alike() -> None:
    blanks = {language: {key: sorted(re.findall(r"{\w+}", text)) for key, text in words(language).items()}
              for language in LANGUAGES}  # fmt: skip
    assert blanks["zh"] == blanks["en"]


def test_a_terminal_set_to_chinese_is_answered_in_chinese(tmp_path: Path) -> None:
    done = gendan("audit", "verify", home=tmp_path, language="zh_CN.UTF-8")
    assert done.stdout == "变更链完整。\n"


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_lists_the_commands_that_there_are(readme: str) -> None:
    text = (Path(__file__).parents[2] / readme).read_text("utf-8")
    listed = set(re.findall(r"(?:`|bin/)gendan (\w+)", text))
    assert listed == set(COMMANDS)


def test_a_wrong_company_file_is_explained_line_by_line_and_changes_nothing(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(PUMP.replace("salesperson: wangli", "salesprson: wangli", 1), "utf-8")
    done = gendan("company", "load", str(wrong), "-y", home=tmp_path)
    assert done.returncode == 2
    assert "salesprson" in done.stderr
    assert "salesperson" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "gendan.db").exists() or gendan("company", "export", home=tmp_path).returncode == 2


def test_a_company_is_loaded_exported_and_loaded_again_without_a_difference(company: Path, tmp_path: Path) -> None:
    assert gendan("company", "load", str(company), "-y", home=tmp_path).returncode == 0
    out = tmp_path / "out.yaml"
    assert gendan("company", "export", str(out), home=tmp_path).returncode == 0
    again = gendan("company", "load", str(out), home=tmp_path)
    assert "Nothing would change" in again.stdout


def test_a_changed_audit_entry_is_found(company: Path, tmp_path: Path) -> None:
    gendan("company", "load", str(company), "-y", home=tmp_path)
    assert gendan("audit", "verify", home=tmp_path).returncode == 0
    engine = open_engine(f"sqlite:///{tmp_path / 'gendan.db'}")
    with engine.execution_options(gendan_write=True).begin() as connection:
        connection.execute(text("update audit_entry set who = 'somebody' where id = 1"))
    engine.dispose()
    done = gendan("audit", "verify", home=tmp_path)
    assert (done.returncode, "entry 1: edited" in done.stdout) == (1, True)


def test_a_script_stops_at_its_first_bad_line_and_keeps_what_came_before(company: Path, tmp_path: Path) -> None:
    script = '{"at": "2026-11-23T09:00:00+08:00", "from": "wangli", "text": "帮助"}\n{"from": 3}\n{"from": "wangli", "text": "帮助"}\n'
    done = gendan("rehearse", "--company", str(company), stdin=script, home=tmp_path)
    outputs = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert outputs[-1] == {"done": 1}
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_person_in_a_script_is_named(company: Path, tmp_path: Path) -> None:
    done = gendan("rehearse", "--company", str(company), stdin='{"from": "nobody", "text": "hi"}\n', home=tmp_path)
    assert done.returncode == 2
    assert "'nobody'" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("company", "check", "/no/such.yaml"), "No such file"),
        (("audit", "verify", "--database", "nonsense://x"), "database"),
        (("chat", "--as", "wangli"), "no company"),
        (("token", "wangli"), "no company"),
    ],
)
def test_what_cannot_work_is_one_line_and_a_status(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = gendan(*words, home=tmp_path)
    assert done.returncode != 0
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_first_company_is_in_order(language: str) -> None:
    made = first_company(
        name='引号 "公司": 甲',
        language=language,
        timezone="Asia/Shanghai",
        currency="CNY",
        country="CN",
        admin="张三: 李四",
    )
    assert read_company(made, "first.yaml").people[0].name.say("zh") == "张三: 李四"


def test_init_starts_a_company_and_says_how_to_sign_in(tmp_path: Path) -> None:
    words = (
        "init",
        "--name",
        "测试",
        "--admin",
        "张三",
        "--language",
        "zh",
        "--timezone",
        "Asia/Shanghai",
        "--currency",
        "CNY",
    )
    done = gendan(*words, home=tmp_path)
    assert "/chat/enter/" in done.stdout
    assert (tmp_path / "company.yaml").exists()
    assert gendan(*words, home=tmp_path).returncode == 2


def test_one_talks_in_a_terminal(company: Path, tmp_path: Path) -> None:
    gendan("company", "load", str(company), "-y", home=tmp_path)
    done = gendan("chat", "--as", "wangli", stdin="我是谁\n", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "王丽" in done.stdout


def test_reminders_are_accounted_for_explained_and_judged_at_the_command_line(company: Path, tmp_path: Path) -> None:
    assert gendan("company", "load", str(company), "--yes", home=tmp_path).returncode == 0
    account = gendan("reminders", "account", home=tmp_path)
    assert (account.returncode, account.stdout) == (0, "提醒核对：昨天应发 0，已发 0，等到早上 0，缺 0\n")
    assert gendan("reminders", "noise", home=tmp_path).returncode == 0
    nobody = gendan("reminders", "explain", "SO-1", home=tmp_path)
    assert (nobody.returncode, "SO-1" in nobody.stderr) == (2, True)
