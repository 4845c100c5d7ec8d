"""/audit/trail: who did and who looked, filtered by name, kind, thing and days; the same as a spreadsheet."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.validate import Length

from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput
from pointsbank.sheets import write_csv, write_xlsx
from pointsbank.staff.queries import EXPORT_MAX, PAGE, TrailFilter, TrailRow, trail
from pointsbank.staff.trail_words import action_choices, action_word
from pointsbank.staff.words import role_word
from pointsbank.web.filters import moment

pages = Blueprint("trail", __name__, template_folder="templates")
POWER = "trail.view"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TrailSchema(Schema):
    login = fields.Str(load_default="", validate=Length(max=60))
    action = fields.Str(load_default="", validate=Length(max=60))
    subject = fields.Str(load_default="", validate=Length(max=100))
    start = fields.Date(load_default=None)
    end = fields.Date(load_default=None)
    after = fields.UUID(load_default=None)

    @post_load
    def to_filter(self, data: dict[str, Any], **_: Any) -> TrailFilter:
        return TrailFilter(**data)


def asked() -> TrailFilter:
    """The filter in the address. Raises BadInput."""
    given = {name: value.strip() for name, value in request.args.items() if value.strip() and name != "lang"}
    try:
        found: TrailFilter = TrailSchema().load(given)
    except ValidationError as wrong:
        field = next(iter(wrong.messages_dict))
        raise BadInput(field, "这一项的写法不对。", "This is not written in the right way.") from None
    return found


@pages.get("/audit/trail")
@needs(POWER)
def home() -> str:
    """The newest first; a page at a time."""
    wanted = asked()
    rows = trail(db.session(), current_actor(), wanted)
    return render_template("staff/trail.html", rows=rows, asked=wanted, role_words=in_words, reason=reason,
                           choices=action_choices(), action_word=action_word,
                           next_key=str(rows[-1].id) if len(rows) == PAGE else None)


def in_words(roles: str) -> str:
    return _("、").join(role_word(role) for role in roles.split())


@pages.get("/audit/trail.<any(xlsx, csv):kind>")
@needs(POWER)
def fetch(kind: str) -> Response:
    """What the filter finds, up to 50,000 rows."""
    rows = trail(db.session(), current_actor(), asked(), EXPORT_MAX)
    titles = [_("时间"), _("账号"), _("角色"), _("地方"), _("从哪里"), _("做了什么"), _("对象"), _("明细"),
              _("原因"), _("封存序号"), _("记录编号")]
    body = (write_xlsx if kind == "xlsx" else write_csv)(titles, [_cells(row) for row in rows])
    answer = make_response(body)
    answer.mimetype = XLSX if kind == "xlsx" else "text/csv"
    answer.headers["Content-Disposition"] = f"attachment; filename=trail.{kind}"
    return answer


def _cells(row: TrailRow) -> list[str]:
    return [moment(row.at), row.login, in_words(row.role), row.place, row.origin, row.action, row.subject, row.detail,
            reason(row), "" if row.seal is None else str(row.seal), row.id.hex]


def reason(row: TrailRow) -> str:
    return _("(已删除)") if row.why is None else row.why
