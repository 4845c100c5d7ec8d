"""The figure of one deed before any limit: units, tiers or levels, coefficients, one rounding.

    V02, 100 minutes:  100/60 h × 1.50 = 2.50          (multiplied first: 100 × 150 / 60)
    B01, 199.99 yuan:  1 whole hundred × 1.00 = 1.00   (rounding "whole_units")

Arithmetic is exact (`Fraction` of integers and of decimals that came from text) until the rule's named rounding is
applied once, to the whole product; running figures shown beside the steps are rounded from the exact one each time,
so they never add up errors. Everything here is a magnitude: the sign of a deduction is put on by `valuing`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from pointsbank.amounts import Points, format_points
from pointsbank.schedule.errors import BadFact
from pointsbank.schedule.facts import Fact, Step
from pointsbank.schedule.rules import Level, RuleVersion, Tier

MINUTES_A_DAY = 24 * 60
QUANTITY_MOST = 100_000
AMOUNT_FEN_MOST = 10_000_000_000


def check_fact(rule: RuleVersion, fact: Fact) -> None:
    """Raise BadFact when the deed cannot be judged by the rule: figures out of range, no person, level or cause."""
    code, measure = rule.code, rule.counted_in.measure
    if (measure == "minutes" or fact.minutes) and not 0 < fact.minutes <= MINUTES_A_DAY:
        raise BadFact("minutes", code, "一天的服务时长应在 1 分钟到 24 小时之间。",
                      "service of one day lasts between 1 minute and 24 hours.")
    if measure == "amount" and not 0 < fact.amount_fen <= AMOUNT_FEN_MOST:
        raise BadFact("amount_fen", code, "请填写大于 0 的金额。", "an amount above 0 is needed.")
    if measure == "quantity" and not 0 < fact.quantity <= QUANTITY_MOST:
        raise BadFact("quantity", code, "数量应大于 0。", "the quantity must be above 0.")
    if rule.needs_person and fact.person is None:
        raise BadFact("person", code, "这一项按人计,请写明是谁。", "this is counted by person: say who.")
    if rule.needs_cause and not fact.cause:
        raise BadFact("cause", code, "同一事由取最高,请写明事由。",
                      "only the highest of one cause counts: name the cause.")
    if rule.levels or fact.level is not None:
        _level(rule, fact)
    known = {one.name for one in rule.coefficients}
    for name in fact.coefficients:
        if name not in known or fact.coefficients.count(name) > 1:
            raise BadFact("coefficients", code, f"没有“{name}”这一系数,或写了两次。",
                          f"“{name}” is no coefficient of this rule, or is named twice.")


def times_of(rule: RuleVersion, fact: Fact) -> int:
    """How many times the deed counts in caps by number: whole pieces where the rule counts pieces, else once."""
    if rule.counted_in.measure == "quantity" and rule.counted_in.whole and not rule.tiers:
        return int(fact.quantity)
    return 1


def price(rule: RuleVersion, fact: Fact, times: int | None = None) -> tuple[int, list[Step]]:
    """The deed's full magnitude in hundredths, with its steps; `times` prices only that many of the pieces."""
    figure, steps = _figure(rule, fact, times)
    run = _Run(rule, fact, figure)
    run.steps.extend(steps)
    if rule.levels:
        run.by_level(_level(rule, fact))
    elif not rule.tiers:
        run.by_unit()
    elif rule.tier_mode == "whole":
        run.by_whole_tier()
    else:
        run.by_slices()
    run.by_coefficients()
    return run.rounded(), run.steps


class _Run:
    """The exact running figure of one pricing and the steps it took."""

    def __init__(self, rule: RuleVersion, fact: Fact, figure: Fraction) -> None:
        self.rule, self.fact, self.figure = rule, fact, figure
        self.exact = Fraction(0)
        self.steps: list[Step] = []
        self.texts = {"unit": rule.unit, "rounding": rule.rounding}
        if rule.counted_in.measure == "minutes":
            self.texts["minutes"] = str(fact.minutes)
        self.texts["figure"] = number_text(figure)

    def rounded(self) -> int:
        return self.rule.rounded_by.apply(self.exact)

    def step(self, kind: str, after: Fraction, **data: str) -> None:
        before = self.rounded()
        self.exact = after
        self.steps.append(Step(kind, self.texts | data, Points(before), Points(self.rounded())))

    def rate(self, part: Fraction, points: int, per: Decimal) -> tuple[Fraction, str]:
        """What `part` units earn at `points` for every `per`, and how many steps that is, as text."""
        count = part / Fraction(per)
        if self.rule.rounded_by.whole_units:
            count = Fraction(count.numerator // count.denominator)
        return count * points, number_text(count)

    def by_unit(self) -> None:
        rule = self.rule
        points = abs(rule.points or 0)
        exact, count = self.rate(self.figure, points, rule.per)
        kind = "whole_units" if rule.rounded_by.whole_units else "unit" if rule.per == 1 else "unit_per"
        self.step(kind, exact, points=format_points(points), per=decimal_text(rule.per), count=count)

    def by_level(self, level: Level) -> None:
        points = abs(level.points)
        self.step("level", self.figure * points, level=level.name, points=format_points(points))

    def by_whole_tier(self) -> None:
        """The highest step reached prices the whole figure; below the lowest there is nothing."""
        reached = [tier for tier in self.rule.tiers if self.figure >= Fraction(tier.start)]
        if not reached:
            self.step("below_tiers", Fraction(0), start=decimal_text(self.rule.tiers[0].start))
            return
        tier = reached[-1]
        points, start = abs(tier.points), decimal_text(tier.start)
        if tier.per is None:
            self.step("tier_flat", Fraction(points), start=start, points=format_points(points))
            return
        exact, count = self.rate(self.figure, points, tier.per)
        self.step("tier_rate", exact, start=start, points=format_points(points), per=decimal_text(tier.per),
                  count=count)

    def by_slices(self) -> None:
        """Each step prices only the part of the figure that lies inside it; flat steps add up as they are reached."""
        tiers = self.rule.tiers
        ends: list[Tier | None] = [*tiers[1:], None]
        for tier, following in zip(tiers, ends, strict=True):
            start = Fraction(tier.start)
            if self.figure < start or (tier.per is not None and self.figure == start):
                break
            points = abs(tier.points)
            data = {"start": decimal_text(tier.start), "points": format_points(points)}
            if tier.per is None:
                self.step("slice_flat", self.exact + points, **data)
                continue
            part = (self.figure if following is None else min(self.figure, Fraction(following.start))) - start
            more, count = self.rate(part, points, tier.per)
            self.step("slice_rate", self.exact + more, part=number_text(part), count=count,
                      end=number_text(start + part), per=decimal_text(tier.per), **data)
        if not self.steps:
            self.step("below_tiers", Fraction(0), start=decimal_text(tiers[0].start))

    def by_coefficients(self) -> None:
        for one in self.rule.coefficients:
            if one.name in self.fact.coefficients:
                self.step("coefficient", self.exact * Fraction(one.factor), name=one.name,
                          factor=decimal_text(one.factor))
        if self.exact != self.rounded():
            self.step("rounded", self.exact, exact=number_text(self.exact / 100, places=4))


def _figure(rule: RuleVersion, fact: Fact, times: int | None) -> tuple[Fraction, list[Step]]:
    """The figure the rule counts, in its unit; pieces that only exist whole are counted down to whole ones."""
    unit = rule.counted_in
    if unit.measure == "minutes":
        return Fraction(fact.minutes, unit.scale), []
    if unit.measure == "amount":
        return Fraction(fact.amount_fen, unit.scale), []
    given = Fraction(fact.quantity)
    kept = Fraction(int(given)) if unit.whole else given
    steps = []
    if kept != given:
        data = {"unit": rule.unit, "given": number_text(given), "kept": number_text(kept)}
        steps.append(Step("whole_pieces", data, Points(0), Points(0)))
    if times is not None and unit.whole and not rule.tiers:
        kept = Fraction(times)
    return kept, steps


def _level(rule: RuleVersion, fact: Fact) -> Level:
    for level in rule.levels:
        if level.name == fact.level:
            return level
    names = "、".join(level.name for level in rule.levels)
    if not names:
        raise BadFact("level", rule.code, "这一项不分级别。", "this rule has no levels.")
    raise BadFact("level", rule.code, f"请选择级别:{names}。", f"choose a level: {names}.")


def decimal_text(value: Decimal) -> str:
    """Decimal('1.50') -> '1.5', Decimal('1E+2') -> '100'."""
    return number_text(Fraction(value), places=6)


def number_text(value: Fraction, places: int = 2) -> str:
    """Exact when it ends within the places ('1.5', '3'), else cut and marked ('1.66…')."""
    scaled = value * 10 ** places
    whole, rest = divmod(scaled.numerator // scaled.denominator, 10 ** places)
    digits = f"{rest:0{places}d}"
    if scaled.denominator != 1:
        return f"{whole}.{digits}…"
    return f"{whole}.{digits}".rstrip("0").rstrip(".")
