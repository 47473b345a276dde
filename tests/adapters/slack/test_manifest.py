"""The manifest and the setup page say what the code asks for."""

from pathlib import Path

import yaml

from adapters.slack import forms, manifest
from adapters.slack.words import table
from conversations.handlers import ACTIONS
from tests.fakes.slack import SCOPES

DOCS = Path(manifest.__file__).parents[2] / "docs"


def test_the_manifest_in_the_docs_is_the_code_s():
    assert (DOCS / "slack-manifest.yaml").read_text("utf-8") == manifest.text()


def test_with_a_public_address_slack_calls_it_and_no_socket_is_held():
    made = manifest.manifest("https://gendan.example/")
    address = "https://gendan.example/hooks/slack"
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["features"]["slash_commands"][0]["url"] == address
    assert made["settings"]["socket_mode_enabled"] is False


def test_each_permission_is_explained_in_both_languages_and_in_the_docs():
    assert list(manifest.scopes()) == sorted(table("scopes")["zh"]) == sorted(SCOPES.split(","))
    page = (DOCS / "setup-slack.md").read_text("utf-8")
    assert [scope for scope in manifest.scopes() if f"`{scope}`" not in page] == []


def test_words_are_there_in_both_languages():
    assert table("words")["zh"].keys() == table("words")["en"].keys()


def test_forms_open_on_verbs_that_there_are_and_speak_both_languages():
    for name, form in yaml.safe_load(Path(forms.__file__).with_name("forms.yaml").read_text("utf-8")).items():
        assert set(form.get("verbs", ())) <= ACTIONS.keys(), name
        assert form.get("verbs") or form.get("command"), name
        for language in ("zh", "en"):
            assert len(form["title"][language]) <= 24
            assert form["says"][language]
            assert forms.view(name, language, {})["blocks"]
