"""A company's own words: names, step and flow names, kinds of exceptions, fields; taken from its snapshot once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from .lexicon import Lexicon, lexicon

if TYPE_CHECKING:
    from store.company.text import Text
    from store.company.views import Company

_WORD = 5
"""Letters that a word of a step's name has at least to stand for it."""
_SHORT = ("确认", "检查", "订单", "工作", "order")  # endings of step names that name no step by themselves


@dataclass(frozen=True, slots=True)
class Name:
    """One spelling of something: its kind (customer, product, person, contact), key and the spelling."""

    kind: str
    key: str
    spelling: str


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of an order form (`step` None) or of a step's form, its names in every language and its choices."""

    key: str
    names: tuple[str, ...]
    type: str
    choices: tuple[str, ...] = ()
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the understander knows of one company.

    Attributes:
        names: customers, products, people, contacts, departments, each with every spelling.
        words: step, flow, department and exception words (lower case) -> kinds and keys: 质检 -> ("step", "inspect").
        activities: concept such as act.ship -> the keys of the steps that do it.
        fields: of order forms and step forms.
        order_pattern: the order number template of the company file.
        units: of the products, beyond the common ones.
        employers: key of a contact -> key of his customer.
    """

    names: tuple[Name, ...] = ()
    words: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    activities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fields: tuple[FormField, ...] = ()
    order_pattern: str = "SO-{yy}{mm}-{seq:04}"
    units: tuple[str, ...] = ()
    lexicon: Lexicon = field(default_factory=lambda: Lexicon({}))
    employers: Mapping[str, str] = field(default_factory=dict)


def spellings(name: Text, aliases: Iterable[str] = ()) -> tuple[str, ...]:
    """Every way a thing is written: its name in each language, and its aliases; without repeats."""
    said = (name.plain, name.zh, name.en, *aliases)
    return tuple(dict.fromkeys(one.strip() for one in said if one and one.strip()))


def vocabulary_of(company: Company) -> Vocabulary:
    """The words of a company snapshot."""
    words: dict[str, frozenset[tuple[str, str]]] = {}
    forms: dict[tuple[str, str | None], FormField] = {}
    for key, division in company.departments.items():
        _say(words, "department", key, _division_names(spellings(division.name)))
    for flow in company.flows.values():
        _say(words, "flow", flow.key, (*spellings(flow.name, flow.part.aliases), flow.key))
        for step in flow.steps:
            _say(words, "step", step.key, (*_step_names(spellings(step.name)), step.key))
            for part in step.form:
                forms[part.field, step.key] = FormField(
                    part.field, spellings(part.name), part.type, part.choices, step.key
                )
        for part in flow.part.order_form:
            forms[part.field, None] = FormField(part.field, spellings(part.name), part.type, part.choices)
        for kind in flow.part.exceptions:
            _say(words, "kind", kind.kind, spellings(kind.name, kind.words))
    return Vocabulary(
        names=tuple(_names(company)),
        words=words,
        activities=_activities(words),
        fields=tuple(forms.values()),
        order_pattern=company.numbering.text,
        units=tuple(sorted({item.unit for item in company.products.values() if item.unit})),
        lexicon=_own_lexicon(words, forms.values()),
        employers={key: human.customer for key, human in company.people.items() if human.customer is not None},
    )


def _names(company: Company) -> Iterable[Name]:
    for key, client in company.customers.items():
        yield from (Name("customer", key, said) for said in spellings(client.name, client.aliases))
    for key, item in company.products.items():
        yield from (Name("product", key, said) for said in (key, *spellings(item.name, item.aliases)))
    for key, human in company.people.items():
        kind = "contact" if human.is_contact else "person"
        yield from (Name(kind, key, said) for said in spellings(human.name, human.aliases))


def _say(words: dict[str, frozenset[tuple[str, str]]], kind: str, key: str, said: Iterable[str]) -> None:
    for word in said:
        plain = word.lower().replace("_", " ")
        words[plain] = words.get(plain, frozenset()) | {(kind, key)}


def _step_names(names: Iterable[str]) -> Iterable[str]:
    """A step's name and its parts that people say for it: 订单复核 is also 复核, "Order review" also "review"."""
    for name in names:
        yield name
        if len(name) == 4 and name[:2] in _SHORT and name[2:] not in _SHORT:
            yield name[2:]
        yield from (piece for piece in re.split("[与和及、]", name) if piece != name and len(piece) > 1)
        pieces = name.split()
        if len(pieces) == 2 and pieces[0].lower() in _SHORT:
            yield pieces[1]
        if len(pieces) > 1 and name.isascii():
            yield from (piece for piece in pieces if len(piece) >= _WORD and _says_nothing_else(piece.lower()))


def _division_names(names: Iterable[str]) -> Iterable[str]:
    """A department's name and the word of it that says what it is: Felixstowe depot is also "depot"."""
    for name in names:
        yield name
        pieces = name.lower().split()
        if len(pieces) > 1 and name.isascii() and len(pieces[-1]) >= _WORD and _says_nothing_else(pieces[-1]):
            yield pieces[-1]


def _says_nothing_else(word: str) -> bool:
    """Whether a word of a step's name may stand for the step: Prepare papers is "papers", Goods in is not "goods"."""
    return word.isalpha() and lexicon().words.get(word, frozenset()) <= {"elsewhere"}


def _activities(words: Mapping[str, frozenset[tuple[str, str]]]) -> dict[str, tuple[str, ...]]:
    """Which steps each general activity means here: a step whose name holds a word of the activity."""
    common = lexicon().words
    found: dict[str, list[tuple[int, str]]] = {}
    for word, meanings in words.items():
        steps = [key for kind, key in sorted(meanings) if kind == "step"]
        for start in range(len(word) if steps else 0):
            for end in range(len(word), start, -1):
                for concept in common.get(word[start:end], frozenset()):
                    if concept.startswith("act.") and (end - start > 1 or len(word) == 1):
                        found.setdefault(concept, []).extend((len(word) - end + start, step) for step in steps)
    return {
        concept: tuple(dict.fromkeys(key for _, key in sorted(keys, key=itemgetter(0))))
        for concept, keys in found.items()
    }


def _ended(word: str, meanings: frozenset[tuple[str, str]]) -> frozenset[str]:
    """Whether a step's name itself says that something has come about: Deposit received."""
    ends = any(kind == "step" for kind, _ in meanings) and word.rsplit(maxsplit=1)[-1] in {
        "received",
        "done",
        "paid",
        "signed",
    }
    return frozenset({"perf"}) if ends else frozenset()


def _own_lexicon(words: Mapping[str, frozenset[tuple[str, str]]], forms: Iterable[FormField]) -> Lexicon:
    own = {word: frozenset(kind for kind, _ in meanings) | _ended(word, meanings) for word, meanings in words.items()}
    for form in forms:
        for name in form.names:
            word = name.lower()
            own[word] = own.get(word, frozenset()) | {"field"}
        for choice in form.choices if form.step else ():
            word = choice.lower()
            own[word] = own.get(word, frozenset()) | {"choice"}
    return Lexicon(own)
