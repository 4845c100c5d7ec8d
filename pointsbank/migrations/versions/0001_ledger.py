"""0001_ledger: not written yet."""

revision, down_revision = "0001_ledger", None


def upgrade() -> None:
    return
