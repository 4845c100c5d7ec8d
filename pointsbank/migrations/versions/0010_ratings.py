"""0010_ratings: not written yet."""

revision, down_revision = "0010_ratings", "0009_eligibility"


def upgrade() -> None:
    return
