"""/criteria: the rules in force in words; the facts a rule may speak of; one rule with its editor and its versions.

What a star or a good takes is no secret: everybody who is signed in may read it. Trying a draft on people's figures
takes the right to see ratings where they live; publishing is judged by the service. The editor is one form with four
buttons and works without a script; `rules.js` asks the same questions while one types.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from pointsbank import clock
from pointsbank.access import Actor, can, current_actor, needs
from pointsbank.database import db
from pointsbank.eligibility.editing import (
    check_text,
    may_try,
    publish_edited,
    rules_listed,
    try_household,
    try_last_year,
    versions_of,
)
from pointsbank.eligibility.schemas import RuleFormSchema
from pointsbank.eligibility.service import CODE, StoredRule, desks_of, may_publish
from pointsbank.eligibility.showing import shown_facts, shown_windows
from pointsbank.eligibility.surveying import Trial, last_year
from pointsbank.eligibility.words import criterion_sentence, describe, headline
from pointsbank.errors import DomainError, NotFound
from pointsbank.people import HouseholdCard, find_household, household_cards
from pointsbank.places import place_by_code, villages_under
from pointsbank.web import FormState, blank, form_command, language
from pointsbank.web.forms import given_key

pages = Blueprint("criteria", __name__, template_folder="templates", static_folder="static",
                  static_url_path="/assets/criteria")
NAMED = 50  # households of a trial that are listed; the others are counted


@pages.get("/criteria")
@needs("schedule.view")
def home() -> str:
    """The rules in force, each in words."""
    today = clock.today()
    return render_template("eligibility/home.html", rules=rules_listed(db.session(), today), today=today,
                           describe=describe, lang=language(), may_edit=bool(desks_of(current_actor())))


@pages.get("/criteria/facts")
@needs("schedule.view")
def facts() -> str:
    """The catalogue, made from what is registered."""
    return render_template("eligibility/facts.html", facts=shown_facts(language()), windows=shown_windows(language()))


@pages.post("/criteria/check")
@needs("schedule.view")
def check() -> str:
    """Is this a rule? The answer as a piece of the editor's page; nothing is kept."""
    return render_template("eligibility/said.html", checked=check_text(request.form.get("text", "")), lang=language(),
                           describe=describe, text=request.form.get("text", ""))


@pages.get("/criteria/new")
@needs("schedule.view")
def new() -> str:
    return _editor(None, blank(effective_on=clock.today().isoformat()))


@pages.get("/criteria/<code>")
@needs("schedule.view")
def show(code: str) -> str:
    """A rule, its versions, and the editor with the newest text."""
    versions = _versions(code)
    last = versions[0]
    return _editor(code, blank(code=code, text=last.rule.text, title_zh=last.title_zh, title_en=last.title_en,
                               effective_on=clock.today().isoformat()), versions)


@pages.post("/criteria/<code>")
@needs("schedule.view")
def act(code: str) -> Response:
    """One form, four buttons: check, try on a household, try on last year, publish."""
    versions = _versions(code) if code != "new" else []
    typed = {name: request.form.getlist(name) for name in request.form}
    form = FormState(typed, key=given_key())
    what = request.form.get("do", "check")
    if what == "publish":
        return _publish(code, versions)
    found: dict[str, Any] = {"checked": check_text(form.value("text"))}
    try:
        if found["checked"].rule is not None and what == "household":
            found["tried"] = _tried(form, versions, found["checked"].rule)
        elif found["checked"].rule is not None and what == "year":
            found["year"] = _year(form, versions, found["checked"].rule)
    except DomainError as refusal:
        form.refuse(refusal)
        return make_response(_editor(None if code == "new" else code, form, versions, **found), refusal.status)
    return make_response(_editor(None if code == "new" else code, form, versions, **found))


def _versions(code: str) -> list[StoredRule]:
    versions = versions_of(db.session(), code) if CODE.fullmatch(code) else []
    if not versions:
        raise NotFound("code")
    return versions


def _editor(code: str | None, form: FormState, versions: list[StoredRule] | None = None, **found: Any) -> str:
    actor, today = current_actor(), clock.today()
    place = place_by_code(db.session(), actor.place_code)
    villages = [place] if place.level == "village" else villages_under(db.session(), place.code)
    return render_template(
        "eligibility/rule.html", code=code, form=form, versions=versions or [], today=today, lang=language(),
        describe=describe, sentence=criterion_sentence, headline=headline, facts=shown_facts(language()),
        holds=next((one for one in versions or [] if one.effective_on <= today), None), place=place,
        may_edit=may_publish(actor, code) if code else bool(desks_of(actor)), desks=desks_of(actor),
        may_try=may_try(actor, actor.place_code), last=last_year(today),
        villages=[(each.code, each.name) for each in villages], text=form.value("text"),
        **{"checked": None, "tried": None, "year": None, **found})


def _publish(code: str, versions: list[StoredRule]) -> Response:
    extra = {} if code == "new" else {"code": code}
    command, form = form_command(RuleFormSchema(), extra=extra)
    if command is None:
        return make_response(_editor(None if code == "new" else code, form, versions), 422)
    try:
        done = publish_edited(db.session(), command, by=current_actor(), at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        checked = check_text(form.value("text"))
        return make_response(_editor(None if code == "new" else code, form, versions, checked=checked), refusal.status)
    flash(_("第 %(n)s 版已发布,从 %(day)s起执行。", n=done.version, day=_day(done)), "good")
    return make_response(redirect(url_for("criteria.show", code=done.code), 303))


def _day(rule: StoredRule) -> str:
    from pointsbank.web.filters import day

    return str(day(rule.effective_on))


def _holding(versions: list[StoredRule]) -> StoredRule | None:
    return next((one for one in versions if one.effective_on <= clock.today()), None)


def _tried(form: FormState, versions: list[StoredRule], draft: Any) -> dict[str, Any]:
    """One household by the draft, beside the version that holds. Raises NotFound, NotAllowed."""
    s, actor = db.session(), current_actor()
    card = find_household(s, form.value("place") or actor.place_code, form.value("household").strip().upper())
    if card is None:
        raise NotFound("household")
    holds = _holding(versions)
    rules = [draft] if holds is None else [draft, holds.rule]
    verdicts = try_household(s, card, rules, clock.today(), by=actor)
    return {"card": card, "name": _name(actor, card), "new": verdicts[0],
            "old": verdicts[1] if holds is not None else None}


def _name(actor: Actor, card: HouseholdCard) -> str:
    return card.head_name if can(actor, "people.view", card.place_code) else card.masked_name


def _year(form: FormState, versions: list[StoredRule], draft: Any) -> dict[str, Any]:
    """Last year's figures by the draft: who would have gained, who would have lost."""
    s, actor = db.session(), current_actor()
    holds = _holding(versions)
    found: Trial = try_last_year(s, actor.place_code, holds.rule if holds else None, draft, clock.today(), by=actor)
    ids = [*found.gain[:NAMED], *found.lose[:NAMED], *found.open[:NAMED]]
    cards = household_cards(s, actor.book_id, ids)
    named = {home: {"code": card.code, "name": _name(actor, card)} for home, card in cards.items()}
    return {"found": found, "gain": [named[home] for home in found.gain[:NAMED] if home in named],
            "lose": [named[home] for home in found.lose[:NAMED] if home in named],
            "open": [named[home] for home in found.open[:NAMED] if home in named],
            "unknown": sum(n for (_was, now), n in found.counts.items() if now is None),
            "gains": sum(n for (was, now), n in found.counts.items() if now and not was),
            "loses": sum(n for (was, now), n in found.counts.items() if was and now is False)}
