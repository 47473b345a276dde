"""Moments in SQLite: written by us as SQLAlchemy writes them, so that what it wrote before is read, found and ordered."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import DateTime, create_engine, text

from store.columns import UtcDateTime

DIALECT = create_engine("sqlite://").dialect
MOMENTS = (
    datetime(2026, 11, 24, 2, 0, tzinfo=UTC),
    datetime(2026, 11, 24, 2, 0, 0, 7, tzinfo=UTC),
    datetime(2026, 11, 24, 10, 0, 5, 120_000, tzinfo=ZoneInfo("Asia/Shanghai")),
    datetime(2027, 3, 14, 3, 30, tzinfo=ZoneInfo("America/New_York")),
)


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_moment_is_the_text_that_sqlalchemy_makes_of_it_and_comes_back_in_utc(moment) -> None:
    ours, theirs = UtcDateTime().dialect_impl(DIALECT), DateTime().dialect_impl(DIALECT)
    written = ours.bind_processor(DIALECT)(moment)
    assert written == theirs.bind_processor(DIALECT)(moment.astimezone(UTC).replace(tzinfo=None))
    read = ours.result_processor(DIALECT, None)(written)
    assert read == moment
    assert read.utcoffset() == timedelta()


def test_a_moment_without_a_zone_is_refused_and_none_stays_none() -> None:
    ours = UtcDateTime().dialect_impl(DIALECT)
    write, read = ours.bind_processor(DIALECT), ours.result_processor(DIALECT, None)
    assert write(None) is read(None) is None
    with pytest.raises(ValueError, match="naive"):
        write(datetime(2026, 11, 24))  # noqa: DTZ001


def test_text_and_moments_are_compared_by_the_database() -> None:
    with create_engine("sqlite://").connect() as connection:
        written = UtcDateTime().dialect_impl(DIALECT).bind_processor(DIALECT)(MOMENTS[0])
        assert connection.execute(text("SELECT :at < '2026-11-24 02:00:00.000001'"), {"at": written}).scalar() == 1
