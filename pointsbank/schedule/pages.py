"""/schedule: the rules in force, by category; one rule with its versions and "算一算", the calculator.

Read only and open to everybody who is signed in: what a deed is worth is no secret. Publishing goes by the API.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from marshmallow import ValidationError

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError, NotFound
from pointsbank.schedule import wording
from pointsbank.schedule.calculator import preview, used_before
from pointsbank.schedule.explaining import explain
from pointsbank.schedule.queries import PublishedRule, rule_book, rule_history, rules_in_force
from pointsbank.schedule.questions import question_of_form
from pointsbank.schedule.rules import RuleVersion
from pointsbank.web import FormState, language
from pointsbank.web.messages import flat_errors, in_words

pages = Blueprint("schedule", __name__, template_folder="templates", static_folder="static",
                  static_url_path="/assets/schedule")
OWN_ARGUMENTS = frozenset({"lang"})


@pages.get("/schedule")
@needs("schedule.view")
def home() -> str:
    """The rules in force on a day (today), searched by code or words."""
    on, wanted = _day(request.args.get("on")), request.args.get("q", "").strip()
    rules = list(rules_in_force(db.session(), current_actor().place_code, on).values())
    found = [rule for rule in rules if _matches(rule, wanted)]
    return render_template("schedule/home.html", groups=_by_category(found), rules=rules, on=on, wanted=wanted,
                           choices=[(rule.code, f"{rule.code} {rule.item}") for rule in rules],
                           earning=sum(rule.kind == "earning" for rule in rules))


@pages.get("/schedule/go")
@needs("schedule.view")
def go() -> Response:
    """From the drop-down to the rule's calculator."""
    return make_response(redirect(url_for("schedule.show", code=request.args.get("code", ""), _anchor="try")))


@pages.get("/schedule/<code>")
@needs("schedule.view")
def show(code: str) -> Response:
    """One rule, all its versions, and what a deed would be worth by it."""
    place = current_actor().place_code
    history = rule_history(db.session(), place, code)
    if not history:
        raise NotFound("code")
    today = clock.today()
    typed = {name: text for name, text in request.args.items() if name not in OWN_ARGUMENTS}
    shown = {name: [text] for name, text in typed.items()}
    form = FormState(shown and {"on": [today.isoformat()], **shown}, start={"on": today.isoformat()})
    rule = next((one.rule for one in history if one.rule.in_force(today)), history[0].rule)
    answer, status = None, 200
    if typed:
        try:
            rule, answer = _answer(place, code, typed)
        except (ValidationError, DomainError) as refused:
            _say(form, refused)
            status = 422
    page = render_template(
        "schedule/rule.html", rule=rule, history=history, in_force=rule.in_force(today), form=form, answer=answer,
        levels=[(one.name, wording.level_word(one.name)) for one in rule.levels],
        versions=[_version(one) for one in history],
        sentences=explain(answer, language(), everything=True) if answer else [], wording=wording,
        used=[(one, wording.used_label(one, rule)) for one in used_before(rule)])
    return make_response(page, status)


def _answer(place: str, code: str, typed: dict[str, str]) -> tuple[RuleVersion, Any]:
    on = _day(typed.get("on"))
    rule = rule_book(db.session(), place).pick(code, on)
    return rule, preview(rule, question_of_form(rule, typed, on))


def _say(form: FormState, refused: ValidationError | DomainError) -> None:
    if isinstance(refused, DomainError):
        name = {"minutes": "hours", "amount_fen": "yuan", "rule": "on"}.get(refused.field or "", refused.field)
        form.errors[name or "on"] = refused.sentence(language())
        return
    for field, message in flat_errors(refused.messages):
        form.errors[field] = in_words(message)


def _day(text: str | None) -> date:
    """The day asked for; today when none is named. Raises BadInput."""
    if not text:
        return clock.today()
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("on", "请填有效的日期,例如 2026-03-05。", "Give a valid day such as 2026-03-05.") from None


def _matches(rule: RuleVersion, wanted: str) -> bool:
    text = unicodedata.normalize("NFKC", wanted).casefold()
    category = f"{rule.category} {wording.category_word(rule.category)}"
    return all(word in f"{rule.code} {category} {rule.item} {rule.note}".casefold() for word in text.split())


def _by_category(rules: list[RuleVersion]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Rows by category: service first, the largest categories next, deductions last."""
    sizes = Counter(rule.category for rule in rules)
    hours = {rule.category for rule in rules if rule.minutes_count}

    def place(rule: RuleVersion) -> tuple[bool, bool, int, str]:
        return rule.kind == "deduction", rule.category not in hours, -sizes[rule.category], rule.category

    ordered = sorted(rules, key=lambda rule: (*place(rule), rule.code))
    return [(wording.category_word(category), [_row(rule) for rule in group])
            for category, group in groupby(ordered, key=lambda rule: rule.category)]


def _version(one: PublishedRule) -> dict[str, Any]:
    return {"version": one.rule.version, "price": wording.price(one.rule), "starts": one.rule.valid_from,
            "ends": one.rule.valid_to, "adopted": one.adopted_minutes}


def _row(rule: RuleVersion) -> dict[str, Any]:
    return {"code": rule.code, "item": rule.item, "price": wording.price(rule), "rule": rule,
            "limits": wording.listed(wording.limits(rule), ";", "; "), "way": " → ".join(wording.way(rule))}
