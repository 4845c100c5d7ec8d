"""A household's wallet as people read it. Door: the narrators that put a ledger line into words."""

from pointsbank.wallets.narrators import narrate, register_narrator

__all__ = ["narrate", "register_narrator"]
