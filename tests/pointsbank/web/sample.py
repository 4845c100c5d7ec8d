"""A throwaway app whose one page shows every piece of the design, for the tests and for eyes. It needs no database."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from pathlib import Path

from flask import Blueprint, Flask, Response, flash, g, jsonify, render_template, request
from marshmallow import Schema, fields, validate

import pointsbank.login
from pointsbank.access import Actor
from pointsbank.errors import BadInput, Conflict, DomainError, NotAllowed, NotSignedIn
from pointsbank.web import FormState, blank, charts, form_command, menu, register_menu, security, shell

VILLAGE = "230199100200"
SOMEBODY = Actor(uuid.UUID(int=1), 230199, None, None, VILLAGE,
                 frozenset({("committee", VILLAGE), ("clerk", VILLAGE), ("recorder", VILLAGE)}), "user:1")
SIGN_IN = Path(pointsbank.login.__file__).parent / "templates"
PLACES = ((VILLAGE, "向阳村(虚构)"), ("230199100201", "永丰村(虚构)"))
STARS = ("爱党爱国星", "遵纪守法星", "诚实守信星", "勤劳致富星", "孝老爱亲星", "邻里和睦星", "移风易俗星", "环境卫生星",
         "崇学重教星", "热心公益星")


class Gone(DomainError):
    code, status = "gone_in_this_sample", 410
    zh = "这个文件已经处理完并删除。"
    en = "This file was dealt with and removed."


class ServiceSchema(Schema):
    key = fields.UUID(required=True)
    name = fields.String(required=True, validate=validate.Length(max=20))
    hours = fields.Integer(required=True, validate=validate.Range(min=1, max=24))
    day = fields.Date(required=True)
    kind = fields.String(validate=validate.OneOf(("V01", "V02")))
    note = fields.String()
    points = fields.String()
    agreed = fields.Boolean()
    way = fields.String()


def sample_app(signed_in: bool = True, places: int = 2) -> Flask:
    """The shell and the sample room."""
    app = Flask("sample", static_folder=None, template_folder=str(Path(__file__).parent / "templates"))
    app.config.update(SECRET_KEY="only for this sample", PROPAGATE_EXCEPTIONS=False)
    shell.register(app)
    app.register_blueprint(Blueprint("sign_in_page", __name__, template_folder=str(SIGN_IN)))

    def sign_in() -> None:
        if signed_in:
            g.actor, g.csrf, g.place_choices = SOMEBODY, "a-token", PLACES[:places]

    # Right after the shell has looked for a session and found none, before it checks writes.
    asked = app.before_request_funcs[None]
    asked.insert(asked.index(security.know_who_asks) + 1, sign_in)

    app.add_url_rule("/sample", "sample.home", sample)
    app.add_url_rule("/logout", "sample.leave", save, methods=["POST"])
    app.add_url_rule("/sample", "sample.save", save, methods=["POST"])
    app.add_url_rule("/sample/far", "sample.far", how_far)
    app.add_url_rule("/sample/<what>", "sample.fail", fail, methods=["GET", "POST"])
    app.add_url_rule("/api/v1/sample/<what>", "sample_api.fail", fail, methods=["GET", "POST"])
    app.add_url_rule("/sample/note", "sample.note", sample)
    app.add_url_rule("/sample/login", "sample.login", login)
    return app


def sample() -> str:
    if request.args.get("said"):
        flash("入账 4.00 分。", "good")
    return render_template("sample.html", form=blank(hours=3, day="2026-03-05"), **figures())


def save() -> Response:
    command, form = form_command(ServiceSchema())
    if command is None:
        return form.again("sample.html", **figures())
    return jsonify(name=command["name"], hours=command["hours"])


def login() -> str:
    kind = request.args.get("kind", "household")
    return render_template("access/login.html", form=blank(), kind=kind, places=PLACES, next="/me")


def how_far() -> Response:
    return jsonify(done=60, total=100, sentence="已处理 60 / 100 行", finished=False)


def fail(what: str) -> str:
    """Each way a page can end."""
    if what == "bug":
        raise RuntimeError("王德顺 的秘密")
    if what == "stop":
        raise {"not_signed_in": NotSignedIn, "not_allowed": NotAllowed, "conflict": Conflict,
               "gone": Gone}[request.args["code"]]()
    raise BadInput("items.0.count", "数量要是整数。", "The count must be whole.")


def figures() -> dict[str, object]:
    """What the sample page shows; made up, but with the lengths real life has."""
    months = [charts.MonthFlow(date(2025 + (index + 11) // 12, (index + 11) % 12 + 1, 1), earned, spent)
              for index, (earned, spent) in enumerate(
                  ((4600, 1200), (8100, 0), (2200, 3400), (9050, 2600), (12000, 8000), (300, 0), (5600, 4800),
                   (7800, 9900), (14600, 3000), (6600, 6600), (0, 0), (8350, 2450)))]
    cells = [charts.MatrixCell(("yes", "yes", "no", "open")[(row * 3 + star) % 4], f"/sample?cell={row}-{star}")
             for row in range(4) for star in range(10)]
    matrix = [charts.MatrixRow(f"H0{row + 11}", ("王德顺家", "李秀英家", "欧阳建国家", "赵·买买提家")[row], 5,
                               tuple(cells[row * 10:row * 10 + 10]), "/sample") for row in range(4)]
    rows = [
        {"what": "兑换 洗衣液 2 瓶", "at": datetime(2026, 3, 5, 2, 30, tzinfo=UTC), "points": -2400, "after": 14600,
         "who": "孙丽(收银)", "status": ("已入账", "good")},
        {"what": "专业志愿服务 · 义诊 3 小时 30 分", "at": datetime(2026, 3, 1, 6, 0, tzinfo=UTC), "points": 525,
         "after": 17000, "who": "村两委", "status": ("公示中", "wait")},
        {"what": "更正:重复登记的一次清扫", "at": datetime(2026, 2, 11, 6, 0, tzinfo=UTC), "points": -200,
         "after": 16475, "who": "村两委", "status": ("已更正", "bad"), "state": "off"},
    ]
    return {
        "rows": rows, "months": charts.months_chart(months, "十二个月的入账和兑换"),
        "year": charts.village_year(months, [charts.CategorySum(name, points) for name, points in (
            ("志愿服务", 120000), ("环境卫生", 84000), ("孝老爱亲", 31050), ("移风易俗", 22000), ("崇学重教", 9000))]),
        "spark": charts.sparkline([3, 5, 4, 8, 9, 7, 12], "近七周入账,从 3 分升到 12 分"),
        "matrix": charts.star_matrix([charts.StarColumn(f"S{n:02d}", name) for n, name in enumerate(STARS, 1)], matrix),
    }


def register_sample_menu() -> None:
    """Entries of a person with many jobs; they stay hidden in apps without these endpoints."""
    for order, (label, endpoint, icon) in enumerate((
            ("等我办的", "sample.home", "flag"), ("收银台", "sample.far", "basket"),
            ("登记服务", "sample.note", "clock"),
            ("导入表格", "sample.login", "upload"), ("星级评定", "api_viewer.viewer", "star"))):
        register_menu(None, label, endpoint, icon, order)


def forget_sample_menu() -> None:
    for endpoint in ("sample.home", "sample.far", "sample.note", "sample.login", "api_viewer.viewer"):
        menu._entries.pop(endpoint, None)


__all__ = ["FormState", "forget_sample_menu", "register_sample_menu", "sample_app"]
