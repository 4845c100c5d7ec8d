"""What a line of a wallet says when a record posted it: '清雪(一般志愿服务)· 3 小时', '补回封顶积分:…'.

Told for the household's own pages, statements and the auditor; the ledger itself holds ids and codes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank.amounts import format_minutes
from pointsbank.records.queries import RecordRow, records_of_transactions
from pointsbank.wallets.narrators import Told, register_narrator
from pointsbank.words import words

KINDS = ("earned", "deducted", "regained")


def tell_records(s: Session, book_id: int, lines: Sequence[Told], lang: str) -> dict[UUID, str]:
    """A sentence per transaction; one look-up for all lines."""
    rows = records_of_transactions(s, book_id, {line.transaction_id for line in lines})
    return {line.transaction_id: sentence(rows[line.transaction_id], line.kind, lang)
            for line in lines if line.transaction_id in rows}


def tell_reversals(s: Session, book_id: int, lines: Sequence[Told], lang: str) -> dict[UUID, str]:
    """What a reversal took back; reversals of other rooms are left to them."""
    rows = records_of_transactions(s, book_id, {line.reverses for line in lines if line.reverses is not None})
    _ = words(lang)
    return {line.transaction_id: _("更正:%(what)s", what=deed(rows[line.reverses], lang))
            for line in lines if line.reverses is not None and line.reverses in rows}


def sentence(row: RecordRow, kind: str, lang: str) -> str:
    _ = words(lang)
    what = deed(row, lang)
    if kind == "regained":
        return _("补回封顶积分:%(what)s", what=what)
    return _("扣分:%(what)s", what=what) if kind == "deducted" else what


def deed(row: RecordRow, lang: str) -> str:
    """The deed in a few words: title or item, length, and the mark of a late entry."""
    _ = words(lang)
    parts = [_("%(activity)s(%(item)s)", activity=row.activity, item=row.item) if row.activity else row.item]
    if row.minutes:
        parts.append(format_minutes(row.minutes, lang))
    elif row.quantity > 100 and row.quantity % 100 == 0:
        parts.append(f"× {row.quantity // 100}")
    if row.level:
        parts.append(row.level)
    if row.late:
        parts.append(_("补录"))
    return " · ".join(parts)


def register() -> None:
    for kind in KINDS:
        register_narrator(kind, tell_records)
    register_narrator("reversal", tell_reversals)
