"""0009_eligibility: not written yet."""

revision, down_revision = "0009_eligibility", "0008_imports"


def upgrade() -> None:
    return
