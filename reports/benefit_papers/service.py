"""Making the papers of benefits: judged now, at a position of the ledger that the paper names, and registered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import Actor, require
from pointsbank.benefits import Judged, NoLetter, NotEntitled, Roll, UnknownBenefit, who_has
from pointsbank.benefits.showing import shown_name
from pointsbank.eligibility import describe
from pointsbank.errors import NotFound
from pointsbank.places import is_demo
from reports.benefit_papers.papers import letter_pdf, roll_pdf, roll_xlsx
from reports.benefit_papers.records import LetterData, RollData, RollLine
from reports.position import Position, position_now
from reports.register import RegisterDocument, check_code, register_document
from reports.statements.queries import place_line

VIEW = "benefits.view"
ISSUE = "benefits.letter"


def _roll(s: Session, place_code: str, code: str, at: datetime) -> Roll:
    roll = next(iter(who_has(s, place_code, clock.to_day(at), [code.upper()])), None)
    if roll is None:
        raise UnknownBenefit("code", given=code[:12])
    return roll


def _line(by: Actor, one: Judged, lang: str) -> RollLine:
    why = one.why(lang) if one.verdict is not None and one.verdict.outcome is not None else [one.said(lang)]
    return RollLine(one.card.code, shown_name(by, one.card), tuple(why))


def read_roll(s: Session, place_code: str, code: str, *, by: Actor, at: datetime, lang: str) -> RollData:
    """Raises NotAllowed, UnknownBenefit."""
    require(by, VIEW, at_place=place_code)
    position = position_now(s, by.book_id, at=at)
    roll, (place, names) = _roll(s, place_code, code, at), place_line(s, place_code)
    rule = roll.benefit.rule
    return RollData(
        title=roll.benefit.title(lang), gives=roll.benefit.giving.words(lang),
        rule=describe(rule.rule, lang) if rule else "", rule_code=rule.code if rule else "",
        rule_version=rule.version if rule else 0, version=roll.benefit.version, adopted_by=roll.benefit.adopted_by,
        place_name=names, issuer=place.body or place.name, on=clock.to_day(at),
        having=tuple(_line(by, one, lang) for one in roll.having),
        open=tuple(_line(by, one, lang) for one in roll.open), without=roll.without, position=position, made_at=at,
        demo=is_demo(s, by.book_id), lang=lang)


def print_roll(s: Session, place_code: str, code: str, *, by: Actor, at: datetime, base_url: str, lang: str) -> bytes:
    """The list on paper, with a check code under which its count is kept."""
    data = read_roll(s, place_code, code, by=by, at=at, lang=lang)
    check = register_document(s, RegisterDocument(
        kind="benefit_list", place_code=place_code, end_on=data.on, known_at=at,
        figures={"rows": len(data.having), "rule": f"{data.rule_code}@{data.rule_version}", **_kept(data.position)}),
        by=by, at=at)
    return roll_pdf(data, check_code(check, base_url))


def sheet_of_roll(s: Session, place_code: str, code: str, *, by: Actor, at: datetime, lang: str) -> bytes:
    return roll_xlsx(read_roll(s, place_code, code, by=by, at=at, lang=lang))


def _kept(position: Position) -> dict[str, int | str]:
    return {"position": position.size, "root": position.root[:16]}


def print_letter(s: Session, place_code: str, code: str, household: str, *, by: Actor, at: datetime, base_url: str,
                 lang: str) -> bytes:
    """The interest-rate letter of a household that is entitled now. Raises NotAllowed, NoLetter, NotEntitled."""
    require(by, ISSUE, at_place=place_code)
    position = position_now(s, by.book_id, at=at)
    roll, (place, names) = _roll(s, place_code, code, at), place_line(s, place_code)
    benefit = roll.benefit
    if benefit.kind != "letter" or benefit.rule is None:
        raise NoLetter("code", benefit=benefit.both)
    found = next((one for one in roll.having if one.card.code == household.upper()), None)
    if found is None:
        undecided = next((one for one in roll.open if one.card.code == household.upper()), None)
        why = {"zh": f"条件是{describe(benefit.rule.rule, 'zh')}。", "en": f"{describe(benefit.rule.rule, 'en')}."}
        if undecided is not None:
            why = {lang_: undecided.said(lang_) for lang_ in ("zh", "en")}
        raise NotEntitled("household", household=household.upper()[:12], benefit=benefit.both, why=why)
    data = LetterData(
        bank=benefit.giving.bank, title=benefit.title(lang), gives=benefit.giving.words(lang),
        household=found.card.code, head_name=found.card.head_name, why=tuple(found.why(lang)),
        rule=describe(benefit.rule.rule, lang), rule_code=benefit.rule.code, rule_version=benefit.rule.version,
        adopted_by=benefit.adopted_by, place_name=names, issuer=place.body or place.name, on=clock.to_day(at),
        position=position, made_at=at, demo=is_demo(s, by.book_id), lang=lang)
    check = register_document(s, RegisterDocument(
        kind="benefit_letter", place_code=place_code, household_id=found.card.id, end_on=data.on, known_at=at,
        figures={"rule": f"{data.rule_code}@{data.rule_version}", **_kept(position)}), by=by, at=at)
    return letter_pdf(data, check_code(check, base_url))


def asked_village(by: Actor, place_code: str | None) -> str:
    """The village named, else where the reader stands. Raises NotFound for what is no place code."""
    code = place_code or by.place_code
    if not (code.isascii() and code.isdigit() and len(code) == 12):
        raise NotFound("place")
    return code
