"""0008_imports: not written yet."""

revision, down_revision = "0008_imports", "0007_records"


def upgrade() -> None:
    return
