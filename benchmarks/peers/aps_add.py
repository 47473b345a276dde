"""APScheduler's SQLAlchemyJobStore on SQLite with its own settings: a job added, then removed. `aps_add.py [COUNT]`."""

import logging
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import measured, tell
from workload import folder


def ping(_step: int) -> None:
    """What the jobs would do."""


def main() -> None:
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    where = tempfile.mkdtemp(dir=folder(), prefix="run-")
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(f"sqlite:///{where}/jobs.db")},
        job_defaults={"misfire_grace_time": None}, timezone=UTC,
    )  # fmt: skip
    scheduler.start()
    base = datetime.now(UTC) + timedelta(days=30)
    for step in range(10):
        scheduler.add_job(ping, "date", run_date=base, args=(step,), id=f"w{step}")
    with measured() as stretch:
        for step in range(count):
            scheduler.add_job(ping, "date", run_date=base + timedelta(seconds=step), args=(step,), id=str(step))
            scheduler.remove_job(str(step))
    left = len(scheduler.get_jobs())
    scheduler.shutdown()
    shutil.rmtree(where)
    tell(round(1e6 * stretch.wall / count, 1), unit="us wall", count=count, right=left == 10,
         cpu_us=round(1e6 * stretch.cpu / count, 1))  # fmt: skip


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    main()
