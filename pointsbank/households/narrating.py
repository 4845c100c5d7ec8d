"""What a split, merge or move says in a wallet: '分户转出 → H101'."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank.people import household_cards
from pointsbank.wallets.narrators import Told
from pointsbank.words import words


def tell_moves(s: Session, book_id: int, lines: Sequence[Told], lang: str) -> dict[UUID, str]:
    """At most three statements."""
    _ = words(lang)
    ids = {UUID(str(line.meta[end])) for line in lines if line.meta.get("why") != "person"
           for end in ("from", "to") if line.meta.get(end)}
    codes = {str(id_): card.code for id_, card in household_cards(s, book_id, ids).items()}
    told = {}
    for line in lines:
        out = line.kind == "moved_out"
        other = codes.get(str(line.meta.get("to" if out else "from")), "")
        why = line.meta.get("why")
        if why == "person":
            told[line.transaction_id] = _("重复登记合并")
        elif why == "split":
            told[line.transaction_id] = (_("分户,转给 %(code)s", code=other) if out
                                         else _("分户,从 %(code)s 转来", code=other))
        elif why == "transfer":
            told[line.transaction_id] = (_("一人转出,转给 %(code)s", code=other) if out
                                         else _("一人转来,从 %(code)s 转来", code=other))
        elif why == "away":
            told[line.transaction_id] = _("迁出本区县,转入往来")
        elif why == "move":
            told[line.transaction_id] = (_("迁移,转到 %(code)s", code=other) if out
                                         else _("迁移,从 %(code)s 转来", code=other))
        else:
            told[line.transaction_id] = (_("并户,转给 %(code)s", code=other) if out
                                         else _("并户,从 %(code)s 转来", code=other))
    return told
