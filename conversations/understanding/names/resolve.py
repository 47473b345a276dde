"""A name said alone: who might be meant, best first."""

from typing import TYPE_CHECKING

from . import fold, score
from .values import FLOOR, STRICT, Hit, How

if TYPE_CHECKING:
    from .index import NameIndex
    from .table import Form

_SHIFT = 6
_POSTINGS = 2_500  # how many postings a search may walk
_SHORTLIST = 40

Found = dict[int, tuple[float, How, str]]


def candidates(index: "NameIndex", name: str, kind: str, limit: int) -> tuple[Hit, ...]:
    """See NameIndex.resolve."""
    spelt = fold.spelling(name)
    short = fold.core(spelt)
    whole, middle, inner = (fold.compact(form) for form in (spelt, short, fold.placeless(short)))
    if not whole:
        return ()
    found: Found = {}
    _exact(index, kind, whole, 0.0, found)
    if middle != whole:
        _exact(index, kind, middle, 0.02, found)
    if not found:
        _exact(index, kind, inner, 0.14 if inner != middle else 0.02, found)
        _sounds(index, kind, inner if kind == "customer" else whole, found)
        _near(index, kind, inner if kind == "customer" else whole, found)
        if inner != middle:
            _by_place(index, middle[: -len(inner)], found)
    if not found and kind in {"person", "contact"}:
        _addressed(index, kind, spelt, found)
    ranked = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
    return tuple(_hit(index, number, reading, len(name)) for number, reading in ranked if reading[0] >= FLOOR)


def _by_place(index: "NameIndex", place: str, found: Found) -> None:
    """Prefer those of the place that was said."""
    for number, (value, how, matched) in found.items():
        entry = index.entries[number]
        there = entry is not None and any(fold.place_plain(place + "x")[:-1] in name for name in entry.names)
        found[number] = (min(0.96, value + 0.1) if there else value - 0.1, how, matched)


def _hit(index: "NameIndex", number: int, reading: tuple[float, How, str], length: int) -> Hit:
    entry = index.entries[number]
    assert entry is not None, "removed entries are left out"  # noqa: S101 - for the type checker
    return Hit(entry.kind, entry.key, (0, length), round(reading[0], 4), reading[1], reading[2])


def _take(index: "NameIndex", kind: str, form: "Form", reading: tuple[float, How], found: Found) -> None:
    if index.alive(form.entry, (kind,)):
        found[form.entry] = score.better(found.get(form.entry), (*reading, form.text))


def _exact(index: "NameIndex", kind: str, said: str, less: float, found: Found) -> None:
    for form in index.exact.get(said):
        _take(index, kind, form, (form.score - less, form.how), found)


def _sounds(index: "NameIndex", kind: str, said: str, found: Found) -> None:
    han = fold.is_han(said)
    if han and len(said) < 2:
        return
    key = "".join(fold.syllables(said)) if han else said
    for form in index.sounds.get(key):
        if han and form.how == "pinyin":
            _take(index, kind, form, (form.score - 0.04, "misspelt"), found)
        elif not han:
            _take(index, kind, form, (form.score, form.how), found)


def _near(index: "NameIndex", kind: str, said: str, found: Found) -> None:
    """Parts and misspellings, among the forms that share the most and rarest pairs of characters."""
    strict = kind in STRICT
    texts, owners = index.forms
    for number in shortlist(index, said):
        name, owner = texts[number], owners[number]
        if not index.alive(owner, (kind,)):
            continue
        reading: tuple[float, How] | None = None
        if said in name and not strict:
            reading = (score.part(said, name), "part")
        elif name in said and len(name) >= 3:
            reading = (0.7 + 0.2 * len(name) / len(said), "part")
        else:
            near = score.misspelt(said, name, strict=strict)
            if not near and len(said) >= 4 and len(name) > len(said) + 1 and not strict:
                near = max(0.0, score.misspelt(said, name[: len(said)], strict=True) - 0.1)
            if near:
                reading = (near, "misspelt")
        if reading:
            found[owner] = score.better(found.get(owner), (*reading, name))


def shortlist(index: "NameIndex", said: str) -> list[int]:
    """The forms worth comparing, by votes of shared pairs; the rarest pairs vote first, until enough was walked."""
    said = said[:60]
    pairs = {said[at : at + 2] for at in range(len(said) - 1)}
    pairs |= {"\0" + said[at] + said[at + 2] for at in range(len(said) - 2)}
    known = index.pairs
    lists = sorted((found for pair in pairs if (found := known.get(pair))), key=len)
    votes: dict[int, int] = {}
    walked = 0
    for postings in lists:
        walked += len(postings)
        if walked > _POSTINGS and votes:
            break
        for code in postings[:_POSTINGS]:
            number = code >> _SHIFT
            votes[number] = votes.get(number, 0) + 1
    if len(votes) <= _SHORTLIST:
        return list(votes)
    least = sorted(votes.values(), reverse=True)[_SHORTLIST]
    most = [number for number, count in votes.items() if count > least]
    return most + [number for number, count in votes.items() if count == least][: 3 * _SHORTLIST]


def _addressed(index: "NameIndex", kind: str, said: str, found: Found) -> None:
    """小王, 王总, Mr Li: everybody of that surname."""
    from .addressing import addressed

    for _, _, surname in addressed(said):
        for number in index.surnames.get(surname, ()):
            if index.alive(number, (kind,)):
                found[number] = score.better(found.get(number), (0.75, "part", said))
