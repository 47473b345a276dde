"""Runs the ratios: `python benchmarks/run.py [NAME…] [--rounds 7] [--quick]`.

Each round starts both sides as fresh processes, one after the other; the ratio is taken round by round. A pair of equal
floors runs first: when it is outside 0.90 to 1.10 the machine is too restless, and nothing is judged. Results go to
docs/performance.json, and from there into the table and the plot of docs/performance.md. A quick run (3 rounds, the
quick metrics, nothing written) ends with 1 when an answer was wrong, or when a ratio is beyond its alarm (or where it
is held), again when it is measured once more, on a machine that was calm before and after.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from metrics import METRICS, Metric, Result
from report import RESULTS, write

NOISE = (0.90, 1.10)
PACKAGES = ("python-telegram-bot", "slack-bolt", "wechatpy", "hassil", "rapidfuzz", "APScheduler", "SQLAlchemy",
            "sqlmodel", "aiohttp", "httpx", "uvicorn", "dateparser")  # fmt: skip


def side(command: str) -> Result:
    """Run one side in a process of its own; its last line. Raises RuntimeError when it fails or answers wrongly."""
    script, *arguments = command.split()
    found = subprocess.run(
        [sys.executable, str(HERE / script), *arguments], capture_output=True, text=True, timeout=1800, check=False
    )
    lines = found.stdout.strip().splitlines()
    if found.returncode or not lines:
        raise RuntimeError(f"{command}: {found.stderr.strip()[-800:]}")
    result = json.loads(lines[-1])
    if result.get("right") is False:
        raise RuntimeError(f"{command}: a wrong answer: {result} {found.stderr.strip()[:800]}")
    return result


def rounds_of(metric: Metric, rounds: int, *, quick: bool) -> Result:
    """Both sides in turn, so many times; the ratios and what each side said."""
    counts = metric.counts[quick]
    commands = metric.ours.format(n=counts[0]), metric.theirs.format(n=counts[1])
    side(commands[0])  # whatever has to be built once is built before anything is timed
    pairs = [(side(commands[0]), side(commands[1])) for _ in range(rounds)]
    ratios = [ours["value"] / theirs["value"] for ours, theirs in pairs]
    middle = statistics.median(ratios)
    return {
        "number": metric.number, "what": metric.what, "ratio": round(middle, 4),
        "least": round(min(ratios), 4), "most": round(max(ratios), 4), "rounds": rounds,
        "ours": statistics.median(one["value"] for one, _ in pairs),
        "theirs": statistics.median(other["value"] for _, other in pairs),
        "unit": pairs[0][0].get("unit", ""), "goal": metric.goal, "alarm": metric.alarm, "higher": metric.higher,
        "verdict": metric.verdict(middle), "details": pairs[-1][0], "peer": pairs[-1][1],
        "commands": list(commands),
    }  # fmt: skip


def noise() -> float:
    """The floor against itself: the median of three ratios."""
    ratios = []
    for _ in range(3):
        first, second = side("peers/floor.py 20000"), side("peers/floor.py 20000")
        ratios.append(first["value"] / second["value"])
    return statistics.median(ratios)


def chosen(names: list[str], *, quick: bool) -> list[Metric]:
    """The metrics that are asked for and can run here."""
    known = {metric.name: metric for metric in METRICS} | {str(metric.number): metric for metric in METRICS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"no such metric: {', '.join(unknown)}; there are {', '.join(one.name for one in METRICS)}")
    wanted = [known[name] for name in names] or [one for one in METRICS if one.quick or not quick]
    found = []
    for metric in wanted:
        files = [HERE / command.split()[0] for command in (metric.ours, metric.theirs)]
        missing = [one for one in metric.needs if importlib.util.find_spec(one) is None]
        missing += [str(one.relative_to(HERE)) for one in files if not one.exists()]
        if missing:
            say(f"{metric.name}: left out, lacks {', '.join(missing)}")
        else:
            found.append(metric)
    return found


def confirmed(suspects: list[Metric], rounds: int, *, calm: bool) -> list[str]:
    """Of metrics that were beyond their bounds those that are so again; none where the machine is too restless."""
    if not suspects or not calm or not NOISE[0] <= noise() <= NOISE[1]:
        return []
    found = []
    for metric in suspects:
        ratio = rounds_of(metric, rounds, quick=True)["ratio"]
        say(f"   {metric.name} once more: {ratio:.3f}, may be {metric.bound} at most")
        if metric.fails(ratio):
            found.append(metric.name)
    return found


def versions() -> dict[str, str]:
    """What was measured on: machine, Python, packages."""
    found = {"python": platform.python_version(), "machine": f"{platform.machine()}, {os.cpu_count()} cores"}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def say(text: str) -> None:
    """Tell whoever waits."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def line(name: str, result: Result, bound: float | None) -> str:
    """A result in one line."""
    held = "" if bound is None else f", held at {bound:g}"
    sign = "≥" if result["higher"] else "≤"
    return (
        f"{result['number']:>2} {name:<11} {result['ratio']:>8.3f} ({result['least']:.3f}–{result['most']:.3f})"
        f"  goal {sign} {result['goal']}, alarm {result['alarm']}{held}: {result['verdict']}"
        f"   ours {result['ours']:.1f}, theirs {result['theirs']:.1f} {result['unit']}"
    )


def main() -> int:
    """Run what is asked for; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    rounds = asked.rounds or (3 if asked.quick else 7)
    equal = noise()
    calm = NOISE[0] <= equal <= NOISE[1]
    say(f"the floor against itself: {equal:.2f}" + ("" if calm else "; too restless to judge"))
    started, failed, suspects = time.monotonic(), [], []
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"metrics": {}}
    for metric in chosen(asked.names, quick=asked.quick):
        try:
            result = rounds_of(metric, rounds, quick=asked.quick)
            if not asked.quick:
                result["beside"] = {name: side(command)["value"] for name, command in metric.beside.items()}
        except (RuntimeError, subprocess.TimeoutExpired) as problem:
            say(f"{metric.number:>2} {metric.name}: failed: {problem}")
            failed.append(metric.name)
            continue
        result |= {"noise": round(equal, 3), "noisy": not calm, "at": datetime.now(UTC).isoformat(timespec="minutes"),
                   "versions": versions()}  # fmt: skip
        say(
            line(metric.name, result, metric.held)
            + "".join(f"; {key} {value:.0f}" for key, value in result.get("beside", {}).items())
        )
        over = [
            f"{key} {result['details'][key]} > {most}"
            for key, most in metric.limits.items()
            if result["details"][key] > most
        ]
        if over:
            say("   " + "; ".join(over))
        if asked.quick and metric.fails(result["ratio"]):
            suspects.append(metric)
        kept["metrics"][metric.name] = result
    if asked.quick:
        failed += confirmed(suspects, rounds, calm=calm)
    else:
        write(kept)
    say(f"{time.monotonic() - started:.0f} s" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if asked.quick and failed else 0


if __name__ == "__main__":
    sys.exit(main())
