"""A household's wallet: opening balances carried in, the sweeps of holds and of lapsed points, words for entries."""

from flask import Flask

from pointsbank.jobs import register_job
from pointsbank.wallets.carrying import CarryOver, carry_over
from pointsbank.wallets.expiring import expire_points
from pointsbank.wallets.holding import end_holds
from pointsbank.wallets.narrators import narrate, register_narrator

__all__ = ["CarryOver", "carry_over", "end_holds", "expire_points", "narrate", "register", "register_narrator"]


def register(app: Flask) -> None:
    """The daily jobs: holds first, for what they hand back may have fallen due."""
    register_job("expire-holds", "到时预留释放", hour=0, minute=5, run=end_holds)
    register_job("expire-points", "到期积分入账", hour=0, minute=10, run=expire_points)
