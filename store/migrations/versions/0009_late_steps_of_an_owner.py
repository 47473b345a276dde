"""An owner's late steps are found by their due moments, however many he has"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Towards the newer schema."""
    op.create_index("step_owner_due", "step", ["owner", "status", "due"])
    op.drop_index("step_owner_status", table_name="step")


def downgrade() -> None:
    """Back to the older schema."""
    op.create_index("step_owner_status", "step", ["owner", "status"])
    op.drop_index("step_owner_due", table_name="step")
