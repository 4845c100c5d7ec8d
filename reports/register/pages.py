"""/verify and /verify/<code>: is the paper in hand true? Public, no sign-in, nothing personal."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from pointsbank.amounts import format_points, format_signed
from pointsbank.database import db
from pointsbank.honours import honour_view
from pointsbank.honours.models import AWARDED
from pointsbank.honours.words import HONOUR_STATES, word
from pointsbank.ratings import Wording
from pointsbank.web import language
from reports.pdf import day_span, day_text, moment_text, words
from reports.register.codes import tidy
from reports.register.queries import DocumentCard, find_document

pages = Blueprint("register", __name__, template_folder="templates")


class Compared(NamedTuple):
    label: str
    value: str


@pages.get("/verify")
def ask() -> Response:
    """Type the code; with a code in the address, go to its page."""
    typed = tidy(request.args.get("code", "")[:80])
    if typed:
        return make_response(redirect(url_for("register.verify", code=typed)))
    return make_response(render_template("register/ask.html"))


@pages.get("/verify/<code>")
def verify(code: str) -> Response:
    """One line: true or not, as of when; and the figures to compare with the paper."""
    card = find_document(db.session(), code)
    page = render_template("register/verify.html", card=card, title=kind_title(card.kind, language()) if card else "",
                           figures=figures_to_compare(card, language()) if card else [], typed=code[:80],
                           today=honour_today(card, language()) if card else None)
    answer = make_response(page, 200 if card else 404)
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def kind_title(kind: str, lang: str) -> str:
    _ = words(lang)
    names = {"statement": _("积分对账单"), "trial_balance": _("试算平衡表"), "notice": _("公示"),
             "slip": _("兑换小票"), "benefit_list": _("福利享有名单"), "benefit_letter": _("利率优惠函"),
             "pack_family": _("文明家庭推荐证据包"), "pack_village": _("文明村镇创建证据包"),
             "pack_unit": _("文明单位创建证据包"), "pack_commendation": _("评优奖励证据包"),
             "certificate": _("荣誉证书")}
    return names.get(kind, kind)


def figures_to_compare(card: DocumentCard, lang: str) -> list[Compared]:
    """The kept figures as they stand on the paper. Unknown ones are shown by their own name, never dropped."""
    _ = words(lang)
    labels = {
        "opening": _("期初余额(分)"), "earned": _("本期增加(分)"), "spent": _("本期减少(分)"),
        "closing": _("期末余额(分)"),
        "held": _("冻结(分)"), "available": _("可用(分)"), "lines": _("流水笔数"), "accounts": _("账户数"),
        "verdict": _("结论"), "debits POINT": _("积分借方合计(分)"), "debits MINUTE": _("服务时长借方合计(分钟)"),
        "debits SCORE": _("评价分借方合计(分)"), "before": _("原有积分(分)"), "taken": _("本次扣除(分)"),
        "after": _("现有积分(分)"), "rows": _("条数"), "receipt": _("单号"), "points": _("积分合计(分)"),
        "position": _("封存记录条数"), "root": _("校验根"), "rule": _("规则版本"),
        "number": _("证书编号"), "level": _("档次"), "stars": _("星(项)数"), "scheme": _("评定办法"),
    }
    plain = {"lines", "accounts", "rows", "debits MINUTE", "position", "stars"}
    verdicts = {"balanced": _("平衡"), "unbalanced": _("不平衡")}

    def shown(name: str, value: Any) -> str:
        if not isinstance(value, int):
            return verdicts.get(str(value), str(value))
        if name in plain:
            return str(value)
        return format_signed(value) if name in ("earned", "spent", "points") else format_points(value)

    span = [Compared(_("期间"), day_span(card.start_on, card.end_on, lang))] if card.start_on else []
    when = [Compared(_("截至日"), day_text(card.end_on, lang)),
            Compared(_("记录截至"), moment_text(card.known_at, lang))]
    kept = [Compared(labels.get(name, name), shown(name, value)) for name, value in card.figures.items()
            if name != "honour"]
    if card.kind == "certificate":
        return [Compared(_("授予日期"), day_text(card.end_on, lang)), *kept]
    return span + when + kept


class Today(NamedTuple):
    """What became of an honour since its certificate was printed. `holds`: it stands as printed."""

    sentence: str
    holds: bool


def honour_today(card: DocumentCard, lang: str) -> Today | None:
    """Of a certificate: whether the honour holds today, and what it is now."""
    honour = card.figures.get("honour")
    if not honour:
        return None
    _ = words(lang)
    view = honour_view(db.session(), int(card.place_code[:6]), UUID(hex=str(honour)))
    row, worded = view.row, Wording(view.cycle.scheme, lang)
    level = row.level.title(lang) if row.level else "—"
    if row.state != AWARDED:
        return Today(_("现在的情况:%(state)s。这张证书不再有效。", state=word(HONOUR_STATES, row.state, lang)), False)
    if len(row.stars) != card.figures.get("stars"):
        return Today(_("证书出具以后有更正,现在是:%(level)s,%(parts)s。", level=level,
                       parts=worded.parts(len(row.stars))), False)
    return Today(_("现在的情况:%(state)s,%(level)s。", state=word(HONOUR_STATES, row.state, lang), level=level), True)
