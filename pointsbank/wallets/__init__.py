"""A household's wallet: opening balances carried in, the sweep of lapsed points, and entries put into words."""

from flask import Flask

from pointsbank.jobs import register_job
from pointsbank.wallets.carrying import CarryOver, carry_over
from pointsbank.wallets.expiring import expire_points
from pointsbank.wallets.narrators import narrate, register_narrator

__all__ = ["CarryOver", "carry_over", "expire_points", "narrate", "register", "register_narrator"]


def register(app: Flask) -> None:
    """The daily job."""
    register_job("expire-points", "到期积分入账", hour=0, minute=10, run=expire_points)
