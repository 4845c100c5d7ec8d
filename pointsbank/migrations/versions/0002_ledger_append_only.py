"""0002_ledger_append_only: not written yet."""

revision, down_revision = "0002_ledger_append_only", "0001_ledger"


def upgrade() -> None:
    return
