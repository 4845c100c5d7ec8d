"""/packs: asking for a pack, its progress, its files, where each of its figures comes from. Works without script."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from pointsbank import background, clock
from pointsbank.access import can, current_actor, needs, require
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.places import PlaceCard, place_by_code
from pointsbank.web import FormState, blank, form_command, language
from reports.downloads import PDF, XLSX, download, paper_address
from reports.packs.asked import KINDS
from reports.packs.figures import book_words
from reports.packs.models import DONE, FAILED, RUNNING, WAITING
from reports.packs.queries import figures_of, pack_file, pack_view, packs_of_place, trace_figure
from reports.packs.schemas import PackForm
from reports.packs.service import POWER, ask_pack, discard_pack, make_pack, start_pack
from reports.packs.wording import kind_name

pages = Blueprint("packs", __name__, template_folder="templates", url_prefix="/packs")


def _place() -> PlaceCard:
    code = request.values.get("place") or current_actor().place_code
    require(current_actor(), POWER, at_place=code)
    return place_by_code(db.session(), code)


def _home(place: PlaceCard, form: FormState, status: int = 200) -> Response:
    lang, today = language(), clock.today()
    return make_response(render_template(
        "packs/home.html", place=place, form=form, today=today, kinds=[(kind, kind_name(kind, lang)) for kind in KINDS],
        packs=packs_of_place(db.session(), current_actor(), place.code, lang)), status)


@pages.get("")
@needs(POWER)
def home() -> Response:
    """The packs of a place and the form for a new one."""
    today = clock.today()
    return _home(_place(), blank(start=today.replace(month=1, day=1).isoformat(), end=today.isoformat(),
                                 kind=request.args.get("kind", "village")[:20],
                                 household=request.args.get("household", "")[:20]))


def _carry_on(pack_id: UUID) -> None:
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]  # the thread outlives the request
    run = partial(make_pack, base_url=paper_address())
    background.carry_on(app, run, pack_id, current_actor(), clock.now())


@pages.post("")
@needs(POWER)
def ask() -> Response:
    """Ask for a pack and start it; short ones are there at once."""
    place = _place()
    command, form = form_command(PackForm(), extra={"lang": language()})
    if command is None:
        return _home(place, form, 422)
    try:
        pack = ask_pack(db.session(), command, by=current_actor(), at=clock.now())
        pack_id = pack.id
        if start_pack(db.session(), pack_id, by=current_actor()):
            _carry_on(pack_id)
    except DomainError as refusal:
        form.refuse(refusal)
        return _home(place, form, refusal.status)
    return make_response(redirect(url_for("packs.show", pack_id=pack_id), code=303))


@pages.get("/<uuid:pack_id>")
@needs(POWER)
def show(pack_id: UUID) -> str:
    """How far it is; then its figures, each with the way to what is behind it, and its files."""
    by, s, lang = current_actor(), db.session(), language()
    view = pack_view(s, pack_id, by=by, lang=lang)
    going = view.status in (RUNNING, WAITING)
    sections = [(title, list(some)) for title, some in groupby(figures_of(s, pack_id, by=by, lang=lang),
                                                               lambda one: one.section)]
    return render_template("packs/show.html", pack=view, sections=sections, going=going,
                           stuck=going and not background.is_running(pack_id), finished=view.status == DONE,
                           failed=view.status == FAILED)


@pages.get("/<uuid:pack_id>/progress")
@needs(POWER)
def progress(pack_id: UUID) -> Response:
    view = pack_view(db.session(), pack_id, by=current_actor(), lang=language())
    going = view.status in (RUNNING, WAITING)
    return jsonify(done=view.done, total=view.total, finished=not going, next=url_for("packs.show", pack_id=view.id),
                   sentence=_("正在生成 %(done)s / %(total)s", done=view.done, total=view.total))


@pages.post("/<uuid:pack_id>/again")
@needs(POWER)
def again(pack_id: UUID) -> Response:
    """After a stop of the server or a failure: start the run anew."""
    if not background.is_running(pack_id) and start_pack(db.session(), pack_id, by=current_actor(), again=True):
        _carry_on(pack_id)
    return make_response(redirect(url_for("packs.show", pack_id=pack_id), code=303))


@pages.post("/<uuid:pack_id>/discard")
@needs(POWER)
def discard(pack_id: UUID) -> Response:
    discard_pack(db.session(), pack_id, by=current_actor(), at=clock.now())
    return make_response(redirect(url_for("packs.home"), code=303))


@pages.get("/<uuid:pack_id>.<any(pdf, xlsx):kind>")
@needs(POWER)
def fetch(pack_id: UUID, kind: str) -> Response:
    view = pack_view(db.session(), pack_id, by=current_actor(), lang=language())
    body = pack_file(db.session(), pack_id, kind, by=current_actor())
    return download(body, PDF if kind == "pdf" else XLSX, f"pack-{view.kind}-{view.start}-{view.end}.{kind}")


@pages.get("/<uuid:pack_id>/figures/<code>")
@needs(POWER)
def figure(pack_id: UUID, code: str) -> str:
    """Where a figure comes from: its transactions, counted again at the same position of the ledger."""
    by, s, lang = current_actor(), db.session(), language()
    view = pack_view(s, pack_id, by=by, lang=lang)
    found = trace_figure(s, pack_id, code.upper(), by=by, lang=lang)
    return render_template("packs/figure.html", pack=view, found=found, book=book_words(found.ask.commodity, lang),
                           may_audit=can(by, "audit.view", view.place_code))
