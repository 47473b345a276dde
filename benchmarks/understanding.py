"""CPU time of understanding one ordinary message with 10,000 customers and 5,000 products, beside dateparser's parse.

Run from the repository's root: python benchmarks/understanding.py
"""

import random
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import dateparser

from conversations.understanding.understander import Understander
from conversations.understanding.vocabulary import Name
from tests.support.understanding import NOW, pump

SYLLABLES = "华东南北海江新宏达机械水泵化工科技实业贸易环保金陵苏州上海中大远通鑫盛"
FILES = Path(__file__).parents[1] / "tests" / "conversations" / "understanding"


def names() -> list[Name]:
    made = random.Random(1)
    found = []
    for number in range(10_000):
        found.append(Name("customer", f"c{number}", "".join(made.choices(SYLLABLES, k=5)) + "有限公司"))
        found.append(Name("customer", f"c{number}", "".join(made.choices(SYLLABLES, k=4))))
    for number in range(5_000):
        found.append(Name("product", f"P-{number}", f"P-{number}"))
        found.append(Name("product", f"P-{number}", "".join(made.choices(SYLLABLES, k=3)) + str(number)))
    return found


def messages() -> list[str]:
    lines = [line for file in FILES.glob("utterances_*.txt") for line in file.read_text("utf-8").splitlines()]
    return [line.split(" => ")[0] for line in lines if line and line[0] not in "#[@"]


def timed(work, texts: list[str]) -> list[float]:
    found = []
    for text in texts:
        started = time.process_time()
        work(text)
        found.append((time.process_time() - started) * 1000)
    return sorted(found)


def main() -> None:
    vocabulary = pump().vocabulary
    started = time.process_time()
    understander = Understander(replace(vocabulary, names=(*vocabulary.names, *names())))
    print(f"loading {time.process_time() - started:.2f} s")
    texts = messages()
    understander.understand(texts[0], now=NOW)
    ours = timed(lambda text: understander.understand(text, now=NOW), texts)
    dateparser.parse(texts[0])
    theirs = timed(lambda text: dateparser.parse(text, languages=["zh", "en"]), texts[:100])
    median = statistics.median(ours)
    print(f"{len(texts)} messages: median {median:.2f} ms, 99th percentile {ours[int(len(ours) * 0.99)]:.2f} ms")
    print(
        f"dateparser.parse: median {statistics.median(theirs):.2f} ms; ratio {median / statistics.median(theirs):.2f}"
    )


if __name__ == "__main__":
    main()
