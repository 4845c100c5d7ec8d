"""${message}

Why: . Rows touched: none. Locks: none. Forward only.
"""

revision, down_revision = ${repr(up_revision)}, ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "raise SystemExit('write this step by hand')"}
