"""Rating schemes as data: which stars there are, by which rule each is given, bands, jury, vetoes and their windows.

    publish_scheme(s, scheme_from_json(body, key=…, place_code=county), by=by, at=at)
    scheme_on(s, "230199100200", day)           # the newest that holds for the village on the day

Adding a star, a band or a whole scheme is a new version of this data, never code. Publishing a scheme publishes the
rule of each star as 'star.<code>' with it, so that facts and types are checked before anybody relies on them. How it
is carried out stands in its `Terms` (see terms): rhythm, who puts the name down, prerequisites, bars, notice.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require
from pointsbank.database import unit_of_work
from pointsbank.eligibility import PublishRule, Rule, StoredRule, beginning, due_for_review, parse, publish_rule
from pointsbank.eligibility.models import EligibilityRule
from pointsbank.errors import BadInput, KeyReused
from pointsbank.places import ancestors
from pointsbank.ratings.errors import NoScheme
from pointsbank.ratings.models import RatingScheme, RatingStar
from pointsbank.ratings.terms import USUAL, Terms, check_terms, terms_from_json, terms_of

CODE = re.compile(r"[A-Za-z0-9]{1,12}")
NAMESPACE = UUID("2b8a6a52-40a5-5a0e-9f3e-6f0f5c1d9a77")
STARS_MAX = 30


@dataclass(frozen=True, slots=True)
class Band:
    """A level by number of stars: from `stars` on (金 10, 银 8, 铜 5).

    A quota limits how many may hold it: `at_most` so many, or `percent` of those who take part (cut, not rounded up).
    """

    code: str
    title_zh: str
    title_en: str
    stars: int
    at_most: int | None = None
    percent: int | None = None

    def quota(self, taking_part: int) -> int | None:
        """The most that may hold this level; None: as many as earn it.

        >>> Band("gold", "金", "gold", 10, percent=5).quota(428)
        21
        """
        limits = [self.at_most] if self.at_most is not None else []
        if self.percent is not None:
            limits.append(taking_part * self.percent // 100)
        return min(limits, default=None)

    def title(self, lang: str) -> str:
        return self.title_en if lang.startswith("en") else self.title_zh


@dataclass(frozen=True, slots=True)
class VetoKind:
    """One ground that bars a star. `months`: how long it counts from its day (None: until it is lifted)."""

    code: str
    title_zh: str
    title_en: str
    months: int | None

    def title(self, lang: str) -> str:
        return self.title_en if lang.startswith("en") else self.title_zh


@dataclass(frozen=True, slots=True)
class StarSpec:
    """A star as written in the data. `base` and the sums of `adjusted_by` make its own score, 0 to `full`."""

    code: str
    title_zh: str
    title_en: str
    text: str
    base: int | None = None
    adjusted_by: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    jury: bool = False


@dataclass(frozen=True, slots=True)
class Star:
    """A star of a published version, its rule ready to be judged by."""

    code: str
    title_zh: str
    title_en: str
    rule: Rule
    base: int | None
    adjusted_by: tuple[str, ...]
    vetoes: tuple[str, ...]
    jury: bool

    def title(self, lang: str) -> str:
        return self.title_en if lang.startswith("en") else self.title_zh


@dataclass(frozen=True)
class PublishScheme:
    """A new version of a scheme. Scores and thresholds in hundredths; `rarity_percent`: the share to warn above."""

    key: UUID
    code: str
    place_code: str
    title_zh: str
    title_en: str
    effective_on: date
    stars: tuple[StarSpec, ...]
    bands: tuple[Band, ...]
    vetoes: tuple[VetoKind, ...]
    full: int = 1000
    jury_trim_from: int = 5
    rarity_percent: int = 5
    adopted_by: str | None = None
    terms: Terms = USUAL
    review_on: date | None = None  # of its rules: past it, whoever relies on them is told


@dataclass(frozen=True)
class Scheme:
    """A published version. Bands stand highest first."""

    code: str
    version: int
    place_code: str
    title_zh: str
    title_en: str
    effective_on: date
    stars: tuple[Star, ...]
    bands: tuple[Band, ...]
    vetoes: tuple[VetoKind, ...]
    full: int
    jury_trim_from: int
    rarity_percent: int
    terms: Terms = USUAL
    entry: Rule | None = None  # what must hold before one takes part at all

    def title(self, lang: str) -> str:
        return self.title_en if lang.startswith("en") else self.title_zh

    def band(self, stars: int) -> Band | None:
        return next((band for band in self.bands if stars >= band.stars), None)

    def star(self, code: str) -> Star | None:
        return next((star for star in self.stars if star.code == code), None)

    def veto(self, code: str) -> VetoKind | None:
        return next((kind for kind in self.vetoes if kind.code == code), None)


def entry_code(code: str) -> str:
    """The rule that says who may take part in a scheme."""
    return f"entry.{code}"[:40]


def scheme_from_json(body: Mapping[str, Any], *, key: UUID, place_code: str) -> PublishScheme:
    """A scheme's data file as a command. Whole points in the file, hundredths in the record."""
    return PublishScheme(
        key, body["code"], place_code, body["title"]["zh"], body["title"]["en"],
        date.fromisoformat(body["effective_on"]),
        tuple(StarSpec(row["code"], row["name"]["zh"], row["name"]["en"], row["rule"],
                       row["base"] * 100 if row.get("base") is not None else None, tuple(row.get("adjusted_by", ())),
                       tuple(row.get("vetoes", ())), bool(row.get("jury"))) for row in body["stars"]),
        tuple(Band(row["code"], row["name"]["zh"], row["name"]["en"], row["stars"],
                   row.get("quota", {}).get("at_most"), row.get("quota", {}).get("percent"))
              for row in body["bands"]),
        tuple(VetoKind(row["code"], row["item"]["zh"], row["item"]["en"], row.get("months"))
              for row in body["vetoes"]),
        body["full"] * 100, body["jury_trim_from"], body["rarity_percent"], body.get("adopted_by"),
        terms_from_json(body), date.fromisoformat(body["review_on"]) if body.get("review_on") else None)


def _checked(cmd: PublishScheme) -> None:
    codes = [star.code for star in cmd.stars]
    known = {kind.code for kind in cmd.vetoes}
    wrong = (not 1 <= len(codes) <= STARS_MAX or len(set(codes)) < len(codes)
             or not all(CODE.fullmatch(code) for code in codes)
             or any(set(star.vetoes) - known for star in cmd.stars)
             or any(not 0 <= star.base <= cmd.full for star in cmd.stars if star.base is not None))
    if wrong:
        raise BadInput("stars", "星的编码、基准分或否决项不对。", "A star's code, base or vetoes are not right.")
    check_terms(cmd.terms)
    for text in (*(star.text for star in cmd.stars), *([cmd.terms.entry] if cmd.terms.entry else [])):
        parse(text)


def publish_scheme(s: Session, cmd: PublishScheme, *, by: Actor, at: datetime) -> Scheme:
    """Publish the next version of a scheme with the rules of its stars.

    Same key again: the first version; of another scheme: KeyReused. Raises: NotAllowed, BadInput, BadRule, UnknownFact.
    """
    require(by, "ratings.rules", at_place=cmd.place_code)
    _checked(cmd)
    with unit_of_work(s):
        first = s.scalar(select(RatingScheme).where(RatingScheme.scope == by.scope, RatingScheme.key == cmd.key))
        if first is not None:
            if first.code != cmd.code or first.effective_on != cmd.effective_on:
                raise KeyReused("key")
            return scheme_version(s, first.code, first.version)
        last = s.scalar(select(func.max(RatingScheme.version)).where(RatingScheme.code == cmd.code)) or 0
        body = {"bands": [[b.code, b.title_zh, b.title_en, b.stars, b.at_most, b.percent] for b in cmd.bands],
                "vetoes": [[v.code, v.title_zh, v.title_en, v.months] for v in cmd.vetoes], "full": cmd.full,
                "jury_trim_from": cmd.jury_trim_from, "rarity_percent": cmd.rarity_percent,
                "terms": cmd.terms.as_json(), "entry": _publish_entry(s, cmd, by, at)}
        s.add(RatingScheme(code=cmd.code, version=last + 1, place_code=cmd.place_code, title_zh=cmd.title_zh,
                           title_en=cmd.title_en, kind=cmd.terms.kind, body=body,
                           effective_on=cmd.effective_on, published_at=at, published_by=by.user_id,
                           scope=by.scope, key=cmd.key))
        for position, star in enumerate(cmd.stars):
            rule = publish_rule(s, PublishRule(
                uuid.uuid5(NAMESPACE, f"{cmd.key}|{star.code}"), f"star.{star.code}", star.title_zh, star.title_en,
                star.text, cmd.effective_on, cmd.review_on, cmd.adopted_by), by=by, at=at)
            s.add(RatingStar(scheme_code=cmd.code, scheme_version=last + 1, code=star.code, position=position,
                             title_zh=star.title_zh, title_en=star.title_en, rule_code=rule.code,
                             rule_version=rule.version, base=star.base, adjusted_by=list(star.adjusted_by),
                             vetoes=list(star.vetoes), jury=star.jury))
        audit.record(s, by, "ratings.scheme_published", f"scheme:{cmd.code}", at=at, version=last + 1)
        s.flush()
        return scheme_version(s, cmd.code, last + 1)


def _publish_entry(s: Session, cmd: PublishScheme, by: Actor, at: datetime) -> int | None:
    """The prerequisite as a rule of its own; its version, or None when there is none."""
    if not cmd.terms.entry:
        return None
    return publish_rule(s, PublishRule(
        uuid.uuid5(NAMESPACE, f"{cmd.key}|entry"), entry_code(cmd.code), f"{cmd.title_zh}:参评条件"[:80],
        f"{cmd.title_en}: who may take part"[:80], cmd.terms.entry, cmd.effective_on, cmd.review_on,
        cmd.adopted_by),
        by=by, at=at).version


def scheme_version(s: Session, code: str, version: int) -> Scheme:
    """Exactly this version; two statements. Raises NoScheme."""
    row = s.get(RatingScheme, (code, version))
    if row is None:
        raise NoScheme("scheme")
    rows = s.execute(
        select(RatingStar, EligibilityRule.text)
        .join(EligibilityRule, (EligibilityRule.code == RatingStar.rule_code)
              & (EligibilityRule.version == RatingStar.rule_version))
        .where(RatingStar.scheme_code == code, RatingStar.scheme_version == version)
        .order_by(RatingStar.position))
    return _scheme(row, [(found[0], found[1]) for found in rows])


def _scheme(row: RatingScheme, stars: Sequence[tuple[RatingStar, str]]) -> Scheme:
    body = row.body
    terms = terms_of(row.kind, body.get("terms"))
    entry = parse(terms.entry, code=entry_code(row.code), version=body.get("entry") or 1) if terms.entry else None
    return Scheme(
        row.code, row.version, row.place_code, row.title_zh, row.title_en, row.effective_on,
        tuple(Star(star.code, star.title_zh, star.title_en,
                   parse(text, code=star.rule_code, version=star.rule_version), star.base, tuple(star.adjusted_by),
                   tuple(star.vetoes), star.jury) for star, text in stars),
        tuple(sorted((Band(*band) for band in body["bands"]), key=lambda band: -band.stars)),
        tuple(VetoKind(*kind) for kind in body["vetoes"]), body["full"], body["jury_trim_from"],
        body["rarity_percent"], terms, entry)


def scheme_on(s: Session, place_code: str, on: date, code: str | None = None) -> Scheme:
    """The scheme that holds for a place on a day: the nearest place's, its newest version. Raises NoScheme.

    `code`: that scheme; otherwise the one that gives the stars a household holds.
    """
    near = ancestors(place_code)
    asked = RatingScheme.code == code if code else RatingScheme.kind == "stars"
    rows = s.execute(select(RatingScheme.code, RatingScheme.version, RatingScheme.place_code)
                     .where(RatingScheme.place_code.in_(near), RatingScheme.effective_on <= on, asked)).all()
    if not rows:
        raise NoScheme("scheme")
    found, version, _ = min(rows, key=lambda row: (near.index(row.place_code), row.code, -row.version))
    return scheme_version(s, found, version)


def schemes_on(s: Session, place_code: str, on: date) -> list[Scheme]:
    """Every scheme that holds for a place on a day, each in its newest version; the household's stars first."""
    near = ancestors(place_code)
    rows = s.execute(select(RatingScheme.code, func.max(RatingScheme.version).label("version"), RatingScheme.kind)
                     .where(RatingScheme.place_code.in_(near), RatingScheme.effective_on <= on)
                     .group_by(RatingScheme.code, RatingScheme.kind)).all()
    newest = {row.code: max(each.version for each in rows if each.code == row.code) for row in rows}
    found = [scheme_version(s, code, version) for code, version in sorted(newest.items())]
    return sorted(found, key=lambda scheme: scheme.terms.kind != "stars")


def rules_due(s: Session, scheme: Scheme, on: date) -> list[StoredRule]:
    """The rules of a scheme, its prerequisite too, that are past the day they were to be looked at again."""
    rules = [star.rule for star in scheme.stars] + ([scheme.entry] if scheme.entry else [])
    return due_for_review(s, [(rule.code, rule.version) for rule in rules], on)


def newest_version(s: Session, code: str, on: date) -> Scheme:
    """A scheme by its newest version that holds on a day. Raises NoScheme."""
    version = s.scalar(select(func.max(RatingScheme.version)).where(RatingScheme.code == code,
                                                                    RatingScheme.effective_on <= on))
    if version is None:
        raise NoScheme("scheme")
    return scheme_version(s, code, version)


def schemes_over(s: Session, book_id: int, on: date) -> list[tuple[Scheme, str]]:
    """The schemes of household stars that hold somewhere in a book on a day, nearest place first, each with the
    beginning of the place codes it holds for. One statement, and two for each scheme (not for each village)."""
    county = f"{book_id:06d}"
    rows = s.execute(select(RatingScheme.place_code, RatingScheme.code, func.max(RatingScheme.version))
                     .where(RatingScheme.effective_on <= on, RatingScheme.kind == "stars")
                     .group_by(RatingScheme.place_code, RatingScheme.code)).all()
    holds: dict[str, tuple[str, int]] = {}
    for place_code, code, version in sorted(rows, reverse=True):
        prefix = beginning(place_code)
        if prefix.startswith(county) or county.startswith(prefix):
            holds[prefix] = (code, version)  # of two schemes of one place the first by its code
    return [(scheme_version(s, *holds[prefix]), prefix) for prefix in sorted(holds, key=lambda each: -len(each))]


__all__ = ["Band", "PublishScheme", "Scheme", "Star", "StarSpec", "Terms", "VetoKind", "newest_version",
           "publish_scheme", "rules_due", "scheme_from_json", "scheme_on", "scheme_version", "schemes_on",
           "schemes_over"]
