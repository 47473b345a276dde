"""Results as JSON, and from it the table and the plot of docs/performance.md."""

import json
import math
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
RESULTS, PAGE, PLOT = DOCS / "performance.json", DOCS / "performance.md", DOCS / "images" / "performance.svg"
BEGIN, END = "<!-- measured: written by benchmarks/run.py -->", "<!-- end of what was measured -->"
WORDS = {"met": "met", "missed": "missed", "alarm": "beyond the alarm"}


def write(results: dict[str, Any]) -> None:
    """Write all three; the page keeps whatever stands outside its marks."""
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    ordered = sorted(results["metrics"].items(), key=lambda item: item[1]["number"])
    page = PAGE.read_text("utf-8") if PAGE.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(ordered)}\n{END}{after}", "utf-8")
    PLOT.write_text(plot(ordered), "utf-8")


def fill(mark: str, text: str) -> None:
    """Put what was measured into the page, between the two marks of that name."""
    begin, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    before, _, rest = PAGE.read_text("utf-8").partition(begin)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}", "utf-8")


def table(ordered: list[tuple[str, dict[str, Any]]]) -> str:
    """The ratios as a table."""
    lines = [
        "| # | metric | ours ÷ theirs | range | goal | alarm | | ours | theirs |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, one in ordered:
        sign = "≥" if one["higher"] else "≤"
        verdict = WORDS[one["verdict"]] + (", machine restless" if one["noisy"] else "")
        lines.append(
            f"| {one['number']} | `{name}`: {one['what']} | **{_short(one['ratio'])}** | {_short(one['least'])}–"
            f"{_short(one['most'])} | {sign} {one['goal']} | {one['alarm']} | {verdict} | {_short(one['ours'])} "
            f"{one['unit']} | {_short(one['theirs'])} {one['unit']} |"
        )
    beside = [
        f"- `{name}`, {other}: {_short(value)}"
        for name, one in ordered
        for other, value in one.get("beside", {}).items()
    ]
    last = max((one for _, one in ordered), key=lambda one: one["at"])
    ran = "; ".join(f"{name} {version}" for name, version in last["versions"].items())
    floor = f"Floor against itself {last['noise']}, {last['at']}. {ran}."
    return "\n".join([*lines, "", *beside, "", "![ratios](images/performance.svg)", "", floor, ""])


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def plot(ordered: list[tuple[str, dict[str, Any]]]) -> str:
    """Each ratio as a part of its goal, on a logarithmic scale: left of the line it is met."""
    row, left, width = 26, 120, 620
    parts, worst = [], 10.0
    for place, (name, one) in enumerate(ordered):
        shares = [_of_goal(one, one[key]) for key in ("ratio", "least", "most")]
        worst = max(worst, *shares)
        parts.append((place, name, shares, one["verdict"]))
    low, high = math.log10(0.05), math.log10(worst * 1.2)

    def x(share: float) -> float:
        return left + width * (math.log10(max(share, 0.05)) - low) / (high - low)

    height = row * (len(ordered) + 2)
    colours = {"met": "#2a8f5b", "missed": "#c98a1b", "alarm": "#b8392f"}
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 90}" height="{height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="100%" height="100%" fill="white"/><line x1="{x(1):.0f}" x2="{x(1):.0f}" y1="8" '
        f'y2="{height - row}" stroke="#444" stroke-dasharray="4 3"/>',
        f'<text x="{x(1):.0f}" y="{height - 8}" text-anchor="middle">goal</text>',
    ]
    for place, name, (middle, least, most), verdict in parts:
        y = row * (place + 1)
        drawn.append(
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{name}</text>'
            f'<line x1="{x(least):.1f}" x2="{x(most):.1f}" y1="{y}" y2="{y}" stroke="{colours[verdict]}" '
            f'stroke-width="2"/><circle cx="{x(middle):.1f}" cy="{y}" r="5" fill="{colours[verdict]}"/>'
            f'<text x="{x(max(middle, most)) + 9:.1f}" y="{y + 4}">{middle:.2g} × goal</text>'
        )
    return "\n".join([*drawn, "</svg>", ""])


def _of_goal(one: dict[str, Any], ratio: float) -> float:
    return one["goal"] / ratio if one["higher"] else ratio / one["goal"]
