"""Words by which orders are found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.columns import type_json
from store.word_index import keep_words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TOGETHER = 1000
_TEXTS = {
    "orders": ("id", "po_number", "fields"),
    "note": ("order_id", "text"),
    "exception_case": ("order_id", "note", "solution"),
    "step": ("order_id", "fields"),
    "shipment": ("order_id", "fields"),
}


def upgrade() -> None:
    """Towards the newer schema; what was written before is read once."""
    op.create_table(
        "order_word",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
        sa.PrimaryKeyConstraint("word", "order_id"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    for table, names in _TEXTS.items():
        columns = [sa.column(name, type_json if name == "fields" else None) for name in names]
        found = connection.execute(sa.select(*columns).select_from(sa.table(table)))
        while rows := found.fetchmany(_TOGETHER):
            keep_words(connection, [tuple(row) for row in rows])


def downgrade() -> None:
    """Back to the older schema."""
    op.drop_table("order_word")
