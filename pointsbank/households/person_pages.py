"""/people/duplicates: people registered twice; /people/merge: every conflict before confirming; and splitting again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf
from sqlalchemy import select
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError, NotFound
from pointsbank.households.doing import POWER
from pointsbank.households.models import PersonMerge
from pointsbank.households.persons import (
    FIELDS,
    MergePersons,
    UndoMerge,
    duplicates,
    merge_persons,
    merge_preview,
    undo_merge,
)
from pointsbank.people import person_cards
from pointsbank.web.forms import blank, form_command

pages = Blueprint("persons", __name__, template_folder="templates", url_prefix="/people")


class MergeForm(Schema):
    key = fields.UUID(required=True)
    keep = fields.UUID(required=True)
    lose = fields.UUID(required=True)
    take = fields.List(fields.Str(validate=OneOf(FIELDS)), load_default=list)
    reason = fields.Str(required=True, validate=Length(2, 300))


class UndoForm(Schema):
    key = fields.UUID(required=True)


@pages.get("/duplicates")
@needs(POWER)
def index() -> str:
    """Likely doubles of the village, and the merges that were made."""
    actor, s = current_actor(), db.session()
    merges = list(s.scalars(select(PersonMerge).where(PersonMerge.book_id == actor.book_id)
                            .order_by(PersonMerge.id.desc()).limit(50)))
    cards = person_cards(s, actor.book_id, {row.keep_id for row in merges})
    here = [row for row in merges if row.keep_id in cards and cards[row.keep_id].place_code == actor.place_code]
    return render_template("households/duplicates.html", pairs=duplicates(s, actor.place_code, by=actor),
                           merges=here, cards=cards)


def _context(keep: UUID, lose: UUID) -> dict[str, Any]:
    words = {"name": _("姓名"), "relation": _("与户主关系"), "phone": _("电话"), "id_no": _("证件号"),
             "born_on": _("出生日期")}
    return {"seen": merge_preview(db.session(), keep, lose, by=current_actor()), "words": words}


@pages.get("/merge")
@needs(POWER)
def ask() -> str:
    """?keep=…&lose=…: the two records side by side."""
    keep, lose = request.args.get("keep", type=UUID), request.args.get("lose", type=UUID)
    if keep is None or lose is None:
        raise NotFound("person")
    return render_template("households/merge_persons.html", form=blank(), **_context(keep, lose))


@pages.post("/merge")
@needs(POWER)
def merge() -> Response:
    command, form = form_command(MergeForm())
    keep, lose = request.form.get("keep", type=UUID), request.form.get("lose", type=UUID)
    if keep is None or lose is None:
        raise NotFound("person")
    if command is None:
        return form.again("households/merge_persons.html", **_context(keep, lose))
    try:
        row = merge_persons(db.session(), MergePersons(command["key"], keep, lose, tuple(command["take"]),
                                                       command["reason"]), by=current_actor(), at=clock.now())
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        return form.again("households/merge_persons.html", refusal, **_context(keep, lose))
    again = len(row.detail["self_approved"])
    flash(_("已合并,需要时可以拆开。") if not again else
          _("已合并。有 %(n)s 条记录看来是自己批给自己的,请监委会复查。", n=again), "wait" if again else "good")
    return redirect(url_for("persons.index"), code=303)


@pages.post("/merges/<uuid:merge_id>/undo")
@needs(POWER)
def undo(merge_id: UUID) -> Response:
    command, _form = form_command(UndoForm())
    if command is None:
        raise NotFound("merge")
    undo_merge(db.session(), UndoMerge(command["key"], merge_id), by=current_actor(), at=clock.now())
    flash(_("已拆开,两份登记恢复原样。"), "good")
    return redirect(url_for("persons.index"), code=303)
