"""Messages whose buttons name something, for they may be typed whole"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Towards the newer schema. Of what was written before nobody knows: it is looked at."""
    op.add_column("outbox", sa.Column("named", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_index("outbox_person_named", "outbox", ["person", "named", "id"])


def downgrade() -> None:
    """Back to the older schema."""
    op.drop_index("outbox_person_named", table_name="outbox")
    op.drop_column("outbox", "named")
