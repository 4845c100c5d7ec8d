"""What a household reads behind an entry of its wallet: how the figure came about, who confirmed it, how to object."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from flask import url_for
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pointsbank.clock import to_day
from pointsbank.people import person_cards
from pointsbank.records.chains import told_steps
from pointsbank.records.models import POSTED, Award, RecordDecision, ServiceRecord
from pointsbank.records.words import DECISIONS, STEPS, short_no
from pointsbank.words import words

SHOWN = ("approve", "start", "post", "void", "uphold", "dismiss")


class MyStory(NamedTuple):
    """Sentences in order; `objection_url` while the record can still be objected to."""

    steps: list[str]
    confirmations: list[str]
    objection_url: str | None


def story_of_transaction(s: Session, book_id: int, transaction_id: UUID, lang: str = "zh") -> MyStory | None:
    """The story behind a posting or its reversal; None when no record posted it. Six statements."""
    award = s.scalar(select(Award).where(Award.book_id == book_id, or_(
        Award.transaction_id == transaction_id, Award.reversal_id == transaction_id)).limit(1))
    record = s.get(ServiceRecord, (book_id, award.record_id)) if award else None
    if award is None or record is None:
        return None
    steps = told_steps(award.steps, lang)
    decisions = s.scalars(select(RecordDecision).where(
        RecordDecision.book_id == book_id, RecordDecision.record_id == record.id,
        RecordDecision.decision.in_(SHOWN)).order_by(RecordDecision.at, RecordDecision.id)).all()
    names = person_cards(s, book_id, (person for person in (
        record.submitted_person, *(one.person_id for one in decisions)) if person))
    key, _ = "en" if lang.startswith("en") else "zh", words(lang)
    told = [(record.submitted_person, STEPS["submission"][key], "", record.submitted_at)]
    told += [(one.person_id, STEPS[one.step][key], DECISIONS[one.decision][key], one.at) for one in decisions]
    lines = []
    for who, step, done, at in told:
        name = names[who].name if who in names else ""
        what = " · ".join(part for part in (done, name) if part) or "—"
        lines.append(_("%(day)s %(step)s:%(what)s", day=to_day(at).isoformat(), step=step, what=what))
    objectable = record.status == POSTED and award.reversed_at is None
    return MyStory([_("记录编号 %(no)s", no=short_no(record.id)), *steps], lines,
                   url_for("records.show", record_id=record.id, _anchor="object") if objectable else None)
