"""Accounts whose owner has shut the bot out, since when"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Towards the newer schema."""
    op.add_column("identity", sa.Column("shut_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Back to the older schema."""
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.drop_column("shut_at")
