"""Indexes of the outbox by receiver and by card: what has gone out must not make sending the next one slow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live = sa.text("status IN ('pending', 'claimed')")
    op.create_index("outbox_live", "outbox", ["person", "channel", "account"], sqlite_where=live, postgresql_where=live)
    op.create_index("outbox_card", "outbox", ["card", "person"])
    op.create_index("outbox_person_send", "outbox", ["person", "send_at"])
    op.drop_index("outbox_person_card", table_name="outbox")
    op.drop_index("ix_outbox_person", table_name="outbox")


def downgrade() -> None:
    op.create_index("ix_outbox_person", "outbox", ["person"])
    op.create_index("outbox_person_card", "outbox", ["person", "card"])
    op.drop_index("outbox_person_send", table_name="outbox")
    op.drop_index("outbox_card", table_name="outbox")
    op.drop_index("outbox_live", table_name="outbox")
