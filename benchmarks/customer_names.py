"""Three hundred ways in which a customer is called, and who is meant; shared by both sides of the metric `customer`."""

import random

from workload import full_names

NEW = ("三体", "量子云", "火星港", "蓝鲸", "雪豹", "银杏树", "麒麟阁", "白鹭洲", "青瓦台", "紫藤架")


def names_and_queries(count: int, asked: int = 300) -> tuple[list[tuple[str, str]], list[tuple[str, set[int]]]]:
    """(registered name, short form) of each customer; (what is said, the customers that may be meant).

    40 % short form, 30 % its last character wrong, 20 % one wrong anywhere, 10 % nobody's.
    """
    names = full_names(count)
    of_short: dict[str, set[int]] = {}
    for place, (_, short) in enumerate(names):
        of_short.setdefault(short, set()).add(place)
    chance = random.Random(5)
    queries = []
    for _ in range(asked):
        short = names[chance.randrange(len(names))][1]
        share = chance.random()
        if share < 0.4:
            said = short
        elif share < 0.7:
            said = short[:-1] + "贸"
        elif share < 0.9:
            place = chance.randrange(len(short))
            said = short[:place] + "某" + short[place + 1 :]
        else:
            queries.append(("".join(chance.sample(NEW, 2)), set()))
            continue
        queries.append((said, _near(said, of_short)))
    return names, queries


def _near(said: str, of_short: dict[str, set[int]]) -> set[int]:
    """Everybody whose short form is that, or differs in one character at most."""
    if said in of_short:
        return of_short[said]
    found: set[int] = set()
    for short, places in of_short.items():
        if len(short) == len(said) and sum(a != b for a, b in zip(short, said, strict=True)) <= 1:
            found |= places
    return found
