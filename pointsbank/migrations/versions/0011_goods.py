"""0011_goods: not written yet."""

revision, down_revision = "0011_goods", "0010_ratings"


def upgrade() -> None:
    return
