"""0012_till: not written yet."""

revision, down_revision = "0012_till", "0011_goods"


def upgrade() -> None:
    return
