"""What a line of a wallet says: the room that posted a transaction knows its story, and registers how to tell it.

    register_narrator("earned", tell_records)            # in the room's register(app)
    narrate(s, book_id, lines, "zh")[line.transaction_id]  # '参加清雪 2 小时(V01)'

Ledger rows hold random ids and codes only, never a name; whatever a sentence adds (an activity's title, the goods of a
sale) is read by the narrator from its own room, in one go for all lines. A kind nobody tells gets a plain word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank.words import words


class Told(Protocol):
    """What a narrator needs of a ledger line (`ledger.Line` has it all)."""

    @property
    def transaction_id(self) -> UUID: ...
    @property
    def kind(self) -> str: ...
    @property
    def rule(self) -> str | None: ...
    @property
    def reverses(self) -> UUID | None: ...
    @property
    def meta(self) -> Mapping[str, object]: ...


Narrator = Callable[[Session, int, Sequence[Told], str], dict[UUID, str]]

_narrators: dict[str, Narrator] = {}


def register_narrator(kind: str, tell: Narrator) -> None:
    """`tell(s, book_id, lines, lang)` gives a sentence per transaction of that kind; it may leave some out."""
    _narrators[kind] = tell


def narrate(s: Session, book_id: int, lines: Iterable[Told], lang: str = "zh") -> dict[UUID, str]:
    """One sentence for every transaction among the lines; one call per kind of transaction."""
    by_kind: dict[str, list[Told]] = {}
    for line in lines:
        by_kind.setdefault(line.kind, []).append(line)
    told: dict[UUID, str] = {}
    for kind, some in by_kind.items():
        for line in some:
            told[line.transaction_id] = plain_sentence(line, lang)
        if tell := _narrators.get(kind):
            told.update({id_: text for id_, text in tell(s, book_id, some, lang).items() if text})
    return told


def plain_sentence(line: Told, lang: str) -> str:
    """The kind in a word, with the rule's code where there is one."""
    _ = words(lang)
    names = {
        "earned": _("入账"), "deducted": _("扣分"), "expired": _("到期作废"), "opening": _("期初转入"),
        "regained": _("补回封顶积分"), "sale": _("兑换"), "sale_return": _("退货退回"), "reversal": _("更正"),
        "unexpired": _("到期退回"), "receipt": _("物资入库"), "stocktake": _("盘点"), "written_off": _("报损"),
        "capped": _("超出结转上限"),
    }
    word = names.get(line.kind, line.kind)
    if line.reverses is not None and line.kind not in ("sale_return", "reversal"):
        word = _("更正(%(what)s)", what=word)
    return f"{word} · {line.rule}" if line.rule else word
