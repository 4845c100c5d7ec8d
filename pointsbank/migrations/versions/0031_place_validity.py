"""Division codes get their days and their successors.

Why: places are merged and abolished; what was recorded under a code stays readable. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0031_place_validity", "0030_person_merges"


def upgrade() -> None:
    op.add_column("place", sa.Column("valid_from", sa.Date))
    op.add_column("place", sa.Column("valid_until", sa.Date))
    op.add_column("place", sa.Column("replaced_by", sa.String(12)))
