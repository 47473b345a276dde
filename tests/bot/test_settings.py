from pathlib import Path

import pytest

from bot.settings import Settings, read_settings


def test_without_any_variable_the_book_is_a_file_in_the_working_folder() -> None:
    assert read_settings({}).database() == "sqlite:///gendan.db"


def test_a_relative_book_lies_in_the_home_folder() -> None:
    assert read_settings({"GENDAN_HOME": "/srv/gendan"}).database() == "sqlite:////srv/gendan/gendan.db"


def test_the_environment_wins_over_the_file_it_names(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("GENDAN_HTTP=0.0.0.0:1\nGENDAN_TELEGRAM_TOKEN='1:abc'\n", "utf-8")
    settings = read_settings({"GENDAN_ENV_FILE": str(file), "GENDAN_HTTP": "0.0.0.0:2"})
    assert (settings.http, settings.telegram_token) == ("0.0.0.0:2", "1:abc")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ValueError, match="/nowhere/env"):
        read_settings({"GENDAN_ENV_FILE": "/nowhere/env"})


def test_no_secret_is_shown_in_a_listing_or_a_repr() -> None:
    settings = Settings(telegram_token="1234567:verysecret", database_url="postgresql://u:pw@h/d")
    shown = repr(settings) + "".join(value for _name, value, _meaning in settings.listing())
    assert "verysecret" not in shown
    assert "pw@" not in shown
