"""Every step of a valuation as a sentence a villager can check, in Chinese and English.

    3 小时 × 1.50 = 4.50
    每人每日上限 4.00 → 4.00,削减 0.50

The pure core has no message catalogue, so both sentences stand side by side here, as they do in a DomainError; a test
compares their placeholders. A limit that did not cut is only told when everything is asked for.
"""

from __future__ import annotations

from pointsbank.amounts import format_minutes, format_points
from pointsbank.schedule.facts import Step, Valuation
from pointsbank.schedule.rules import Cap
from pointsbank.schedule.units import ROUNDINGS, UNITS, plurals

SENTENCES: dict[str, tuple[str, str]] = {
    "unit": ("{figure} × {points} = {after}", "{figure} × {points} = {after}"),
    "unit_per": ("{figure},每 {per} {unit}计 {points} = {after}", "{figure} at {points} per {per} {unit} = {after}"),
    "whole_units": ("{figure},每满 {per} {unit}计 {points}({rounding}):{count} 份 = {after}",
                    "{figure} at {points} for each full {per} {unit} ({rounding}): {count} = {after}"),
    "whole_pieces": ("{given} {unit}只计整数:{kept} {unit}", "of {given} {unit} only whole ones count: {kept} {unit}"),
    "level": ("“{level}”级:{figure} × {points} = {after}", "level “{level}”: {figure} × {points} = {after}"),
    "tier_flat": ("{figure},达到“满 {start} {unit}”一档 = {after}",
                  "{figure} reaches the step “from {start} {unit}” = {after}"),
    "tier_rate": ("{figure},适用“满 {start} {unit}”一档:每 {per} {unit}计 {points},{count} 份 = {after}",
                  "{figure} is in the step “from {start} {unit}”: {points} per {per} {unit}, {count} = {after}"),
    "below_tiers": ("{figure},未到最低一档(满 {start} {unit})= {after}",
                    "{figure} is below the lowest step (from {start} {unit}) = {after}"),
    "slice_rate": ("{start}–{end} {unit}一段:每 {per} {unit}计 {points},{part} {unit}合 {count} 份,累计 {after}",
                   "slice {start}–{end} {unit}: {points} per {per} {unit}, {part} {unit} make {count}; so far {after}"),
    "slice_flat": ("满 {start} {unit}:加 {points},累计 {after}", "from {start} {unit}: add {points}; so far {after}"),
    "coefficient": ("× “{name}”系数 {factor} = {after}", "× coefficient “{name}” {factor} = {after}"),
    "rounded": ("精确值 {exact},{rounding} → {after}", "exactly {exact}, rounded {rounding} → {after}"),
    "per_time": ("单次封顶 {limit} → {after}", "at most {limit} a time → {after}"),
    "cap_times": ("{scope}最多 {limit} 次{so_far} → {after}", "{scope} at most {limit} time(s){so_far} → {after}"),
    "cap_points": ("{scope}上限 {limit}{so_far} → {after}", "{scope} at most {limit}{so_far} → {after}"),
    "one_only": ("与 {others} 互斥,{scope}已计 {used} → {after}",
                 "shut out by {others}, {used} awarded {scope} → {after}"),
    "highest": ("“{group}”同一事由取最高{so_far} → {after}", "only the highest of “{group}” counts{so_far} → {after}"),
    "deducted": ("扣分项,记 {after}", "a deduction: {after}"),
    "regained": ("更正后有余量:原已计 {already},恢复 {after}",
                 "a correction made room: {already} had been awarded, {after} regained"),
}
CUT = (",削减 {cut}", ", cut by {cut}")
NOT_CUT = (",未超", ", not exceeded")
SO_FAR = ("(已计 {used})", " ({used} so far)")
LIMITS = frozenset({"per_time", "cap_times", "cap_points", "one_only", "highest"})

SUBJECTS = {"person": ("每人", "per person"), "household": ("每户", "per household")}
WINDOWS = {"day": ("每日", " per day"), "month": ("每月", " per month"), "quarter": ("每季", " per quarter"),
           "year": ("每年", " per year"), "ever": ("累计", " in all")}


def explain(valuation: Valuation, lang: str = "zh", everything: bool = False) -> list[str]:
    """The steps in order as sentences; limits that did not cut only when `everything` is asked for."""
    return [explain_step(step, lang) for step in valuation.steps
            if everything or step.capped_off or step.kind not in LIMITS]


def explain_step(step: Step, lang: str = "zh") -> str:
    """One step as a sentence. Works on stored steps alone: the rule may be long gone."""
    at = 1 if lang.startswith("en") else 0
    text = SENTENCES[step.kind][at]
    if step.kind in LIMITS:
        text += (CUT if step.capped_off else NOT_CUT)[at]
    said = text.format(**_words(step, lang, at))
    return plurals(said) if at else said


def cap_sentence(cap: Cap, lang: str = "zh") -> str:
    """'每人每日上限 4.00' / 'per person per day at most 4.00', as the rule's page shows it."""
    at = 1 if lang.startswith("en") else 0
    data: dict[str, str] = {"subject": cap.subject, "window": cap.window}
    if cap.rules:
        data["rules"] = ("、", ", ")[at].join(sorted(cap.rules))
    if cap.points is not None:
        limit = format_points(abs(cap.points))
        return (f"{_scope(data, at)}上限 {limit} 分", f"{_scope(data, at)} at most {limit} points")[at]
    return (f"{_scope(data, at)}最多 {cap.times} 次", plurals(f"{_scope(data, at)} at most {cap.times} time(s)"))[at]


def _words(step: Step, lang: str, at: int) -> dict[str, str]:
    data = step.data
    words = dict(data) | {"after": format_points(step.after), "cut": format_points(step.capped_off)}
    if "unit" in data:
        unit = UNITS[data["unit"]]
        words["unit"] = (unit.zh, unit.en)[at]
        words["figure"] = _figure(data.get("figure", ""), data.get("minutes"), words["unit"], lang)
    if "rounding" in data:
        rounding = ROUNDINGS[data["rounding"]]
        words["rounding"] = (rounding.zh, rounding.en)[at]
    if "window" in data:
        words["scope"] = _scope(dict(data), at)
    used = data.get("used", "0")
    words["so_far"] = SO_FAR[at].format(used=used) if used.strip("0.") else ""
    return words


def _figure(figure: str, minutes: str | None, unit: str, lang: str) -> str:
    """'1.5 小时'; where hours do not end within two decimals, '1 小时 40 分'."""
    if minutes is not None and figure.endswith("…"):
        return format_minutes(int(minutes), lang)
    return f"{figure} {unit}"


def _scope(data: dict[str, str], at: int) -> str:
    shared = data.get("rules")
    together = (f"{shared} 合计", f"{shared} together ")[at] if shared else ""
    subject, window = SUBJECTS[data["subject"]][at], WINDOWS[data["window"]][at]
    return together + subject + window
