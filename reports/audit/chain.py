"""The chain behind a transaction: fact -> who decided -> posting -> what reversed it.

    register_chain("earned", tell_record)     # tell(s, by, view, lang) -> [ChainStep, …], oldest first

The posting and its reversals are told here, from the ledger; the fact and the decisions by the room they belong to.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

import ledger
from ledger import TransactionView
from pointsbank.access import Actor
from pointsbank.words import words


class ChainStep(NamedTuple):
    """One link. `transaction_id` leads to another transaction's page; `state` is done, now or stopped."""

    label: str
    when: datetime | None = None
    detail: str = ""
    transaction_id: UUID | None = None
    state: str = "done"


Teller = Callable[[Session, Actor, TransactionView, str], list[ChainStep]]
_tellers: dict[str, Teller] = {}


def register_chain(kind: str, tell: Teller) -> None:
    """Tell the links that come before the posting of transactions of this kind."""
    _tellers[kind] = tell


def chain_of(s: Session, by: Actor, view: TransactionView, lang: str = "zh") -> list[ChainStep]:
    """Every link, oldest first."""
    _ = words(lang)
    tell = _tellers.get(view.kind)
    steps = list(tell(s, by, view, lang)) if tell else []
    if view.reverses is not None:
        steps.append(ChainStep(_("被更正的原记录"), None, "", view.reverses))
    steps.append(ChainStep(_("记入账簿"), view.recorded_at, _("共 %(count)s 笔划转", count=len(view.transfers)),
                           state="now"))
    for transaction_id in view.reversed_by:
        later = ledger.transaction(s.connection(), view.book_id, transaction_id)
        steps.append(ChainStep(_("已被更正"), later.recorded_at if later else None, "", transaction_id, "stopped"))
    return steps
