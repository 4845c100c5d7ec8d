"""/records: enter one deed, find records, one record with its whole story and what may be done with it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.people import households_of_place
from pointsbank.records.api import filter_of
from pointsbank.records.asking import (
    CorrectionFormSchema,
    DeedFormSchema,
    ObjectionAnswerFormSchema,
    ObjectionTextFormSchema,
    RecordDecisionFormSchema,
    facts_of,
)
from pointsbank.records.chains import Story, story
from pointsbank.records.commands import (
    Decide,
    RaiseObjection,
    ResolveObjection,
    ResubmitRecord,
    SubmitRecord,
    VoidRecord,
    Withdraw,
)
from pointsbank.records.deciding import decide, withdraw
from pointsbank.records.objecting import raise_objection, resolve_objection
from pointsbank.records.outcomes import Recorded
from pointsbank.records.queries import count_by_status, list_records
from pointsbank.records.resubmitting import resubmit_record
from pointsbank.records.schemas import RecordListSchema
from pointsbank.records.showing import words_for
from pointsbank.records.submitting import submit_record
from pointsbank.records.teams import teams_at
from pointsbank.records.voiding import void_record
from pointsbank.records.words import short_no
from pointsbank.schedule import RuleVersion, rules_in_force
from pointsbank.web import FormState, blank, filters, form_command, language

pages = Blueprint("records", __name__, template_folder="templates", static_folder="static",
                  static_url_path="/assets/records")
KEPT = ("rule", "service_on", "activity", "team", "started", "duration")  # for the next person of the same activity


@pages.app_context_processor
def _words() -> dict[str, Any]:
    return words_for(language())


@pages.get("/records")
@needs("records.view")
def index() -> str:
    """Records of my place; filters and page live in the address."""
    actor, s = current_actor(), db.session()
    given = {name: value for name, value in request.args.items() if value and name != "lang"}
    form = FormState({name: [value] for name, value in given.items()})
    page, rows = None, []
    try:
        asked = RecordListSchema().load(given)
        page = list_records(s, actor, filter_of(asked, actor.place_code), asked.get("after"), asked["limit"])
        rows = page.rows
    except ValidationError as wrong:
        form.errors = {name: _("这一项的写法不对。") for name in wrong.normalized_messages()}
    except BadInput as refusal:
        form.refuse(refusal)
    return render_template("records/list.html", form=form, rows=rows, next_key=page.next_key if page else None,
                           counts=count_by_status(s, actor.book_id, actor.place_code),
                           rules=_rules(clock.today()), filtered=bool(given.keys() - {"after", "limit"}))


@pages.get("/records/new")
@needs("records.submit")
def new() -> str:
    """First which rule, then the fields that rule needs."""
    start = {name: request.args[name] for name in KEPT if request.args.get(name)}
    return _form(blank(service_on=start.pop("service_on", clock.today().isoformat()), **start),
                 request.args.get("rule"), "records/new.html")


@pages.post("/records/new")
@needs("records.submit")
def create() -> Response:
    command, form = form_command(DeedFormSchema())
    rule = request.form.get("rule")
    if command is None:
        return make_response(_form(form, rule, "records/new.html"), 422)
    try:
        facts = facts_of(db.session(), command, current_actor().place_code, current_actor())
        done = submit_record(db.session(), SubmitRecord(command["key"], facts), by=current_actor(), at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        return make_response(_form(form, rule, "records/new.html"), refusal.status)
    _say_recorded(done)
    if command.get("again"):
        kept = {name: form.value(name) for name in KEPT if form.value(name)}
        return redirect(url_for("records.new", **kept), code=303)
    return redirect(url_for("records.show", record_id=done.id), code=303)


@pages.get("/records/<uuid:record_id>/edit")
@needs("records.submit")
def edit(record_id: UUID) -> str:
    """A returned or voided record, to be put right."""
    told = story(db.session(), current_actor(), record_id, language())
    row = told.row
    form = blank(household=row.household_code, person=row.person_name, service_on=row.service_on.isoformat(),
                 duration=_duration(row.minutes), activity=row.activity, team=row.team_id or "", level=row.level or "",
                 quantity=_decimal(row.quantity), yuan=_decimal(row.amount_fen) if row.amount_fen else "",
                 started="" if row.started is None else f"{row.started // 60:02d}:{row.started % 60:02d}",
                 note=told.texts.note, evidence=told.texts.evidence, cause=told.texts.cause,
                 late_reason=told.texts.late_reason)
    return _form(form, row.rule, "records/edit.html", story=told)


@pages.post("/records/<uuid:record_id>/edit")
@needs("records.submit")
def submit_again(record_id: UUID) -> Response:
    command, form = form_command(DeedFormSchema())
    told = story(db.session(), current_actor(), record_id, language())
    if command is None:
        return make_response(_form(form, told.row.rule, "records/edit.html", story=told), 422)
    try:
        facts = facts_of(db.session(), command, told.row.place_code, current_actor())
        done = resubmit_record(db.session(), ResubmitRecord(command["key"], record_id, facts), by=current_actor(),
                               at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        return make_response(_form(form, told.row.rule, "records/edit.html", story=told), refusal.status)
    _say_recorded(done)
    return redirect(url_for("records.show", record_id=done.id), code=303)


@pages.get("/records/<uuid:record_id>")
@needs("schedule.view")
def show(record_id: UUID) -> str:
    """The whole chain; what this person may do, or why not."""
    return _page(record_id, {})


@pages.post("/records/<uuid:record_id>/decision")
@needs("records.view")
def do_decide(record_id: UUID) -> Response:
    command, form = form_command(RecordDecisionFormSchema(), prefix="decision-")
    return _act(record_id, "decision", form, command is not None, lambda: decide(
        db.session(), Decide(command["key"], record_id, command["decision"], command["reason"]), by=current_actor(),
        at=clock.now()), _("已办理。"))


@pages.post("/records/<uuid:record_id>/withdrawal")
@needs("records.submit")
def do_withdraw(record_id: UUID) -> Response:
    command, form = form_command(RecordDecisionFormSchema(only=("key", "reason")), prefix="withdrawal-")
    return _act(record_id, "withdrawal", form, command is not None, lambda: withdraw(
        db.session(), Withdraw(command["key"], record_id, command.get("reason", "")), by=current_actor(),
        at=clock.now()), _("已撤回。"))


@pages.post("/records/<uuid:record_id>/void")
@needs("records.void")
def do_void(record_id: UUID) -> Response:
    command, form = form_command(CorrectionFormSchema(), prefix="void-")
    return _act(record_id, "void", form, command is not None, lambda: void_record(
        db.session(), VoidRecord(command["key"], record_id, command["reason"]), by=current_actor(), at=clock.now()),
        _("已更正:时长、积分和评价分一起冲回。"))


@pages.post("/records/<uuid:record_id>/objection")
@needs("schedule.view")
def do_object(record_id: UUID) -> Response:
    command, form = form_command(ObjectionTextFormSchema(), prefix="objection-")
    return _act(record_id, "objection", form, command is not None, lambda: raise_objection(
        db.session(), RaiseObjection(command["key"], record_id, command["text"]), by=current_actor(),
        at=clock.now()), _("异议已收到,7 个工作日内答复。"))


@pages.post("/records/<uuid:record_id>/objections/<uuid:objection_id>/answer")
@needs("records.object")
def do_answer(record_id: UUID, objection_id: UUID) -> Response:
    command, form = form_command(ObjectionAnswerFormSchema(), prefix="answer-")
    return _act(record_id, "answer", form, command is not None, lambda: resolve_objection(
        db.session(), ResolveObjection(command["key"], objection_id, command["upheld"], command["reason"]),
        by=current_actor(), at=clock.now()), _("异议已答复。"))


def _act(record_id: UUID, name: str, form: FormState, loaded: bool, do: Any, said: str) -> Response:
    """Run one action of the record's page; refused, the page comes again with what was typed."""
    status = 422
    if loaded:
        try:
            do()
            flash(said, "good")
            return redirect(url_for("records.show", record_id=record_id), code=303)
        except DomainError as refusal:
            form.refuse(refusal)
            status = refusal.status
    return make_response(_page(record_id, {name: form}), status)


def _page(record_id: UUID, forms: dict[str, FormState]) -> str:
    told = story(db.session(), current_actor(), record_id, language())
    named = {name: forms.get(name) or blank(prefix=f"{name}-")
             for name in ("decision", "withdrawal", "void", "objection", "answer")}
    team = teams_at(db.session(), current_actor().book_id, told.row.place_code)
    return render_template("records/show.html", story=told, row=told.row, forms=named, steps=_steps(told),
                           team=team.get(told.row.team_id, "") if told.row.team_id else "",
                           staff=can(current_actor(), "records.view", told.row.place_code))


def _steps(told: Story) -> list[dict[str, Any]]:
    """The chain as a line of steps: done, now, todo, stopped."""
    names, row = words_for(language())["step_word"], told.row
    stopped = row.status in ("returned", "rejected", "withdrawn")
    line = [{"label": names("submission"), "state": "done", "when": filters.moment(row.submitted_at)}]
    past = row.status in ("on_notice", "objected", "approved", "posted", "voided")
    for number, step in enumerate(told.chain):
        done = past or number < told.step_index
        now = not past and number == told.step_index
        line.append({"label": names(step), "when": None,
                     "state": "done" if done else "stopped" if now and stopped else "now" if now else "todo"})
    if row.notice_until:
        running = row.status in ("on_notice", "objected")
        line.append({"label": names("notice"), "when": filters.day(row.notice_until),
                     "state": "stopped" if row.status == "objected" else "now" if running else "done"})
    line.append({"label": names("posting"), "when": None,
                 "state": {"posted": "done", "voided": "stopped"}.get(row.status, "todo")})
    return line


def _form(form: FormState, code: str | None, template: str, **more: Any) -> str:
    actor = current_actor()
    rules = rules_in_force(db.session(), actor.place_code, _day(form.value("service_on")))
    rule: RuleVersion | None = rules.get((code or "").strip().upper())
    homes = households_of_place(db.session(), actor.place_code)
    return render_template(template, form=form, rule=rule, rules=[(one.code, f"{one.code} {one.item}")
                                                                   for one in rules.values()],
                           homes=homes, today=clock.today(), kept=KEPT, teams=_teams(), **more)


def _teams() -> list[tuple[str, str]]:
    actor = current_actor()
    return [(str(id_), name) for id_, name in teams_at(db.session(), actor.book_id, actor.place_code).items()]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return clock.today()


def _rules(on: date) -> list[tuple[str, str]]:
    return [(rule.code, f"{rule.code} {rule.item}")
            for rule in rules_in_force(db.session(), current_actor().place_code, on).values()]


def _say_recorded(done: Recorded) -> None:
    if done.already or done.replay:
        at = done.at.astimezone(clock.SHANGHAI)
        flash(_("这一条 %(at)s 已经记录过(编号 %(no)s),没有重复记。", at=f"{at:%Y-%m-%d %H:%M}", no=short_no(done.id)),
              "wait")
    else:
        flash(_("已记录,编号 %(no)s。", no=short_no(done.id)), "good")


def _duration(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}" if minutes else ""


def _decimal(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
