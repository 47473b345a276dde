"""Ours: a customer's name as said, resolved by the product's index of names. `customer.py NAMES`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from customer_names import names_and_queries
from measuring import measured, tell_cpu
from workload import ROOT  # noqa: F401 - puts the product on the path

from conversations.understanding.naming import Names
from conversations.understanding.vocabulary import Name

ROUNDS = 5


def main() -> None:
    names, queries = names_and_queries(int(sys.argv[1]))
    known = Names(
        Name("customer", str(place), said) for place, (full, short) in enumerate(names) for said in (full, short)
    )
    for said, _ in queries[:20]:
        known.resolve(said, "customer")
    with measured() as stretch:
        for _ in range(ROUNDS):
            found = [known.resolve(said, "customer") for said, _ in queries]
    right = sum(
        int(named.hits[0].key) in meant if meant and named.hits else bool(meant) == bool(named.hits)
        for (_, meant), named in zip(queries, found, strict=True)
    )
    invented = sum(bool(named.hits) for (_, meant), named in zip(queries, found, strict=True) if not meant)
    tell_cpu(stretch, len(queries) * ROUNDS, right=invented == 0, correct=f"{right}/{len(queries)}", invented=invented)


if __name__ == "__main__":
    main()
