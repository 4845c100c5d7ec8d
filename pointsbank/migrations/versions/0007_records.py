"""0007_records: not written yet."""

revision, down_revision = "0007_records", "0006_schedule"


def upgrade() -> None:
    return
