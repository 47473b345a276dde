"""rapidfuzz: the same names by process.extractOne with WRatio and a cut-off of 60. `rapidfuzz_names.py NAMES`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from customer_names import names_and_queries
from measuring import measured, tell_cpu
from rapidfuzz import fuzz, process


def main() -> None:
    names, queries = names_and_queries(int(sys.argv[1]))
    full = [name for name, _ in names]
    for said, _ in queries[:5]:
        process.extractOne(said, full, scorer=fuzz.WRatio, score_cutoff=60)
    with measured() as stretch:
        found = [process.extractOne(said, full, scorer=fuzz.WRatio, score_cutoff=60) for said, _ in queries]
    right = sum(
        (got is not None and got[2] in meant) if meant else got is None
        for (_, meant), got in zip(queries, found, strict=True)
    )
    tell_cpu(stretch, len(queries), right=True, correct=f"{right}/{len(queries)}")


if __name__ == "__main__":
    main()
