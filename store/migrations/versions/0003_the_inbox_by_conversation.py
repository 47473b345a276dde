"""An index of the updates that wait, by conversation: a long queue must not make taking the next one slow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waits = sa.text("status = 'new'")
    op.create_index(
        "inbox_waiting", "inbox", ["channel", "conversation", "id"], sqlite_where=waits, postgresql_where=waits
    )


def downgrade() -> None:
    op.drop_index("inbox_waiting", table_name="inbox")
