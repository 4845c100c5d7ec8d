"""/committee/approvals: what waits for me, by activity; all at once or one by one, evidence beside the figure."""

from __future__ import annotations

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.records.asking import HeapFormSchema, RecordDecisionFormSchema
from pointsbank.records.commands import Decide, DecideMany
from pointsbank.records.deciding import decide, decide_many
from pointsbank.records.outcomes import DecisionOutcome
from pointsbank.records.pages import pages
from pointsbank.records.queries import OpenObjection, open_objections
from pointsbank.records.waiting import Heap, ids_of_group, waiting_groups, waiting_heap
from pointsbank.web import form_command, language

SHOWN = 10  # records of each heap on the first page
FULL = 100
HEAPS_OPEN = 8  # heaps shown with their records at once


@pages.get("/committee/approvals")
@needs("records.view")
def approvals() -> str:
    """Every heap with its first records; one heap alone by ?group=."""
    return _page(request.args.get("group"))


@pages.post("/committee/approvals/heap")
@needs("records.view")
def approve_heap() -> Response:
    """Approve a heap as it was seen."""
    command, form = form_command(HeapFormSchema())
    if command is None:
        flash(form.refusal or _("请刷新页面再试。"), "bad")
        return redirect(url_for("records.approvals"), code=303)
    actor, s = current_actor(), db.session()
    ids = ids_of_group(s, actor, actor.place_code, command["group"], command["upto"])
    outcome = decide_many(s, DecideMany(command["key"], ids), by=actor, at=clock.now())
    _tell(outcome)
    return redirect(url_for("records.approvals"), code=303)


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
    elif not outcome.refused:
        flash(_("这一堆已经没有要审的了,可能别人刚刚办过。"), "wait")
    reasons: dict[str, int] = {}
    for problem in outcome.refused:
        sentence = problem.sentence(language())
        reasons[sentence] = reasons.get(sentence, 0) + 1
    for sentence, count in reasons.items():
        flash(_("%(n)s 条没有通过:%(why)s", n=count, why=sentence), "wait")


def _page(wanted: str | None) -> str:
    actor, s = current_actor(), db.session()
    groups = waiting_groups(s, actor, actor.place_code)
    chosen = [group for group in groups if group.key == wanted] if wanted else groups
    after = request.args.get("after", type=UUID)
    heaps: list[Heap] = [
        waiting_heap(s, actor, actor.place_code, group, after if wanted else None,
                     FULL if wanted else SHOWN, language())
        for group in chosen[:HEAPS_OPEN]]
    return render_template("records/approvals.html", heaps=heaps, later=chosen[HEAPS_OPEN:], wanted=wanted,
                           total=sum(group.count for group in groups), groups=groups,
                           objections=_objections() if not wanted else [])


def _objections() -> list[OpenObjection]:
    actor = current_actor()
    if not can(actor, "records.object", actor.place_code):
        return []
    return open_objections(db.session(), actor.book_id, actor.place_code, clock.today())
