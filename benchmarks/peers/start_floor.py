"""The floor of a start: from exec to the answer of one question with no framework at all. Wall seconds."""

import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import tell

FLOOR = str(Path(__file__).with_name("floor.py"))


def main() -> None:
    subprocess.run([sys.executable, FLOOR, "1"], capture_output=True, check=True)  # its table is built once
    started = time.perf_counter()
    child = subprocess.run([sys.executable, FLOOR, "1"], capture_output=True, text=True, check=True)
    wall = time.perf_counter() - started
    tell(round(wall, 4), unit="s", right=json.loads(child.stdout.strip().splitlines()[-1])["right"])


if __name__ == "__main__":
    main()
