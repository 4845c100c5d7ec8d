"""/committee/approvals: what waits for me, by activity; all at once or one by one, evidence beside the figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError, KeyReused
from pointsbank.records.asking import HeapFormSchema, RecordDecisionFormSchema, UploadFormSchema
from pointsbank.records.commands import Decide
from pointsbank.records.deciding import approve_all, decide
from pointsbank.records.models import ServiceRecord
from pointsbank.records.outcomes import DecisionOutcome
from pointsbank.records.pages import pages
from pointsbank.records.queries import OpenObjection, open_objections
from pointsbank.records.waiting import (
    Became,
    Group,
    GroupKey,
    Heap,
    Upload,
    became,
    ids_of_group,
    ids_of_upload,
    my_steps,
    waiting_groups,
    waiting_heap,
    waiting_uploads,
)
from pointsbank.records.words import STATES, STEPS
from pointsbank.web import FormState, form_command, language

SHOWN = 10  # records of each heap on the first page
FULL = 100
MEANWHILE = timedelta(minutes=1)  # a decision is dated when it is asked for, a little before others can see it
HEAPS_OPEN = 8  # heaps shown with their records at once


@pages.get("/committee/approvals")
@needs("records.view")
def approvals() -> str:
    """Every heap with its first records; one heap alone by ?group=."""
    return _page(request.args.get("group"))


@pages.post("/committee/approvals/heap")
@needs("records.view")
def approve_heap() -> Response:
    """Approve a heap as it was seen: what of it this person can pass."""
    command, form = form_command(HeapFormSchema())
    if command is None:
        return _not_understood(form)
    actor, key = current_actor(), GroupKey.parse(command["group"])
    ids = ids_of_group(db.session(), actor, actor.place_code, command["group"], command["upto"])
    return _approve(command, ids, key.whatever_step(), [key.step])


@pages.post("/committee/approvals/import")
@needs("records.view")
def approve_upload() -> Response:
    """Approve all that waits of one import, as it was seen, whatever the activity and the rule."""
    command, form = form_command(UploadFormSchema())
    if command is None:
        return _not_understood(form)
    actor = current_actor()
    ids = ids_of_upload(db.session(), actor, actor.place_code, command["import_id"], command["upto"])
    return _approve(command, ids, [ServiceRecord.import_id == command["import_id"]],
                    my_steps(actor, actor.place_code))


def _not_understood(form: FormState) -> Response:
    flash(form.refusal or _("请刷新页面再试。"), "bad")
    return redirect(url_for("records.approvals"), code=303)


def _approve(command: dict[str, Any], ids: Sequence[UUID], what: Sequence[ColumnElement[bool]],
             steps: Sequence[str]) -> Response:
    """Approve, and say what passed; nothing left to pass: what became of them meanwhile."""
    actor, s = current_actor(), db.session()
    try:
        outcome = approve_all(s, command["key"], ids, by=actor, at=clock.now())
    except KeyReused:  # the same button again, when the first press had done its work
        outcome = DecisionOutcome((), ())
    if outcome.passed or outcome.refused:
        _tell(outcome)
    else:
        now = became(s, actor, actor.place_code, what, steps, command["upto"], command["seen"] - MEANWHILE) \
            if command["seen"] else []
        flash(_("这些刚才已经办过了。现在:%(what)s。", what=_("、").join(map(_stand, now))) if now else
              _("这一堆已经没有要审的了,可能别人刚刚办过。"), "wait")
    return redirect(url_for("records.approvals"), code=303)


def _stand(one: Became) -> str:
    lang = "en" if language().startswith("en") else "zh"
    if one.waiting_for:
        return _("等%(step)s %(n)s 条", step=STEPS[one.waiting_for][lang], n=one.count)
    return _("%(state)s %(n)s 条", state=STATES[one.status][lang], n=one.count)


@pages.post("/committee/approvals/<uuid:record_id>")
@needs("records.view")
def approve_one(record_id: UUID) -> Response:
    """Decide one record without leaving the list."""
    command, _form = form_command(RecordDecisionFormSchema())
    if command is None:
        return make_response(_page(request.args.get("group")), 422)
    try:
        decide(db.session(), Decide(command["key"], record_id, command["decision"], command["reason"]),
               by=current_actor(), at=clock.now())
        flash(_("已办理。"), "good")
    except DomainError as refusal:
        flash(refusal.sentence(language()), "bad")
    return redirect(url_for("records.approvals", group=request.args.get("group")), code=303)


def _tell(outcome: DecisionOutcome) -> None:
    if outcome.passed:
        posted = sum(one.status == "posted" for one in outcome.passed)
        flash(_("通过 %(n)s 条,其中入账 %(posted)s 条。", n=len(outcome.passed), posted=posted), "good")
    reasons: dict[str, int] = {}
    for problem in outcome.refused:
        sentence = problem.sentence(language())
        reasons[sentence] = reasons.get(sentence, 0) + 1
    for sentence, count in reasons.items():
        flash(_("%(n)s 条没有通过:%(why)s", n=count, why=sentence), "wait")


def _page(wanted: str | None) -> str:
    actor, s, seen = current_actor(), db.session(), clock.now()
    groups = waiting_groups(s, actor, actor.place_code)
    chosen = [group for group in groups if group.key == wanted] if wanted else groups
    after = request.args.get("after", type=UUID)
    heaps: list[Heap] = [
        waiting_heap(s, actor, actor.place_code, group, after if wanted else None,
                     FULL if wanted else SHOWN, language())
        for group in chosen[:HEAPS_OPEN]]
    return render_template("records/approvals.html", heaps=heaps, later=chosen[HEAPS_OPEN:], wanted=wanted,
                           total=sum(group.free for group in groups), groups=groups, seen=seen,
                           mine=[group for group in groups if group.free], uploads=[] if wanted else _uploads(groups),
                           objections=_objections() if not wanted else [])


class UploadHeaps(NamedTuple):
    """An import that waits in several heaps."""

    of: Upload
    heaps: int


def _uploads(groups: Sequence[Group]) -> list[UploadHeaps]:
    heaps = Counter(group.import_id for group in groups if group.import_id)
    if not any(count > 1 for count in heaps.values()):
        return []
    actor = current_actor()
    return [UploadHeaps(upload, heaps[upload.import_id])
            for upload in waiting_uploads(db.session(), actor, actor.place_code)
            if heaps[upload.import_id] > 1 and upload.free]


def _objections() -> list[OpenObjection]:
    actor = current_actor()
    if not can(actor, "records.object", actor.place_code):
        return []
    return open_objections(db.session(), actor.book_id, actor.place_code, clock.today())
