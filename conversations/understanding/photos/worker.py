"""The process that reads one picture: bytes come in on stdin, pieces go out on stdout as JSON. It ends, and its memory
(some 400 MB) with it.
"""

from __future__ import annotations

import json
import logging
import sys


def main() -> None:
    """Read the picture on stdin; exit code 3 when it is none."""
    logging.disable(logging.CRITICAL)
    from rapidocr import RapidOCR

    content = sys.stdin.buffer.read()
    try:
        found = RapidOCR()(content)
    except Exception:  # noqa: BLE001  # whatever a decoder says of a broken picture: it is none
        sys.exit(3)
    pieces = []
    if found.txts:
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
            across, down = [float(point[0]) for point in box], [float(point[1]) for point in box]
            pieces.append([text, min(across), min(down), max(across), max(down), round(float(score), 3)])
    sys.stdout.write(json.dumps(pieces, ensure_ascii=True))


if __name__ == "__main__":
    main()
