"""`gendan demo`: several phones side by side, wired to the real assistant."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn

from bot.cli.opening import command_group
from bot.cli.speaking import word
from bot.demo.showing import show

app = command_group()


@app.command(help=word("help.demo"))
def demo(
    address: Annotated[str, typer.Option("--http", help=word("option.http"), envvar="GENDAN_HTTP")] = "127.0.0.1:8000",
    weeks: Annotated[int, typer.Option("--weeks", min=0, max=8, help=word("option.weeks"))] = 2,
) -> None:
    """The company has been at work for some weeks, by the real operations, before the page opens."""
    with Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%")) as bar:
        task = bar.add_task(word("demo.making"), total=None)

        def _progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            if done + 1 >= total:
                bar.stop()

        asyncio.run(show(address, weeks=weeks, progress=_progress))
