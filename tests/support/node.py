"""Other people's clients that are written for Node: scripts beside the tests, run where Node and their packages are there.

Where they are is told by NODE_PATH, or they lie in a folder node_modules at the root:
`npm install --prefix DIR @slack/bolt @wecom/crypto`, then NODE_PATH=DIR/node_modules.
"""

import asyncio
import json
import os
import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def modules(package):
    """The folder in which a package lies; the test is skipped where there is none."""
    places = [*os.environ.get("NODE_PATH", "").split(os.pathsep), str(ROOT / "node_modules")]
    found = next((place for place in places if place and (Path(place) / package).is_dir()), None)
    if shutil.which("node") is None or found is None:
        pytest.skip(f"{package} is not installed for Node (see tests/support/node.py)")
    return found


class Script:
    """A running script: it reads lines of JSON, and writes what happens to it as such."""

    def __init__(self, process):
        self.process, self.heard = process, []

    async def until(self, happened):
        """The first line of that kind that has not been taken yet."""
        async with asyncio.timeout(20):
            while True:
                for one in self.heard:
                    if one["happened"] == happened:
                        self.heard.remove(one)
                        return one
                line = await self.process.stdout.readline()
                assert line, (await self.process.stderr.read()).decode()
                self.heard.append(json.loads(line))

    async def tell(self, **what):
        self.process.stdin.write(json.dumps(what).encode() + b"\n")
        await self.process.stdin.drain()


@asynccontextmanager
async def running(script, package, **given):
    """Run a script; `given` is its argument, as JSON."""
    environment = {"PATH": os.environ["PATH"], "NODE_PATH": modules(package), "NO_PROXY": "127.0.0.1"}
    process = await asyncio.create_subprocess_exec(
        "node", str(script), json.dumps(given), env=environment, limit=10_000_000,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Script(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
