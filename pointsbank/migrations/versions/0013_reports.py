"""0013_reports: not written yet."""

revision, down_revision = "0013_reports", "0012_till"


def upgrade() -> None:
    return
