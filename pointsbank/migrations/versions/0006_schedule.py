"""0006_schedule: not written yet."""

revision, down_revision = "0006_schedule", "0005_access"


def upgrade() -> None:
    return
