import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from store.company import check_company, describe, read_company, write_company
from store.company.schema import company_schema, schema_text

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLES = ["pump", "trading"]


def read(name: str) -> str:
    return (DOCS / "examples" / f"{name}.yaml").read_text("utf-8")


def as_an_editor_reads(text: str):
    class Loader(yaml.SafeLoader):
        """YAML 1.2: a date is a text."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if not tag.endswith("timestamp")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(text, Loader)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_pass_the_check_without_a_warning(name):
    assert [describe(problem, "en") for problem in check_company(read(name)).problems] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_fit_the_schema(name):
    jsonschema.Draft202012Validator(company_schema()).validate(as_an_editor_reads(read(name)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_written_back_fits_the_schema_and_is_stable(name):
    company = read_company(read(name))
    written = write_company(company)
    assert read_company(written) == company
    assert write_company(read_company(written)) == written
    jsonschema.Draft202012Validator(company_schema()).validate(as_an_editor_reads(written))


def test_the_schema_in_the_docs_is_the_models_own():
    assert (DOCS / "company.schema.json").read_text("utf-8") == schema_text()


@pytest.mark.parametrize(
    "broken", [{"company": {"name": "x"}}, {"company": {"nam": "x"}}, {"company": {"name": {"fr": "x"}}}, []]
)
def test_the_schema_refuses_what_is_no_company(broken):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json.loads(schema_text())).validate(broken)
