"""/ratings/schemes: the rating schemes that hold here, in words, for whoever is signed in; publishing from a file."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError

from pointsbank import clock
from pointsbank.access import can, current_actor, needs, require
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.places import place_by_code
from pointsbank.ratings.pages import pages
from pointsbank.ratings.scheme import Scheme, publish_scheme, schemes_on
from pointsbank.ratings.scheme_forms import SchemeBodySchema, as_command
from pointsbank.ratings.wording import rule_words
from pointsbank.web import FormState, blank, language
from pointsbank.web.forms import given_key
from pointsbank.web.messages import flat_errors, in_words

FILE_MAX = 200_000  # bytes: a scheme of thirty stars is a tenth of it


@pages.get("/ratings/schemes")
@needs("schedule.view")
def schemes() -> str:
    """Every scheme in force where one stands."""
    return _page(blank())


def _page(form: FormState) -> str:
    actor, s = current_actor(), db.session()
    place = place_by_code(s, actor.place_code)
    lang = language()
    return render_template("ratings/schemes.html", place=place, schemes=schemes_on(s, place.code, clock.today()),
                           form=form, lang=lang, rule_words=lambda rule, scheme: rule_words(rule, scheme, lang),
                           may_publish=can(actor, "ratings.rules"))


@pages.post("/ratings/schemes")
@needs("ratings.rules")
def publish() -> Response:
    """Publish a scheme, or its next version, from the file that was sent or the text that was typed."""
    form = FormState({name: request.form.getlist(name) for name in request.form}, key=given_key())
    actor = current_actor()
    require(actor, "ratings.rules", at_place=actor.place_code)
    try:
        done = _published(form)
    except ValidationError as wrong:
        for field, message in flat_errors(wrong.messages):
            form.errors.setdefault("text", f"{field}: {in_words(message)}")
        return make_response(_page(form), 422)
    except DomainError as refusal:
        form.refuse(refusal)
        form.errors = {"text": refusal.sentence(language())}
        return make_response(_page(form), refusal.status)
    flash(_("“%(title)s”第 %(n)s 版发布了。", title=done.title(language()), n=done.version), "good")
    return make_response(redirect(url_for("ratings.schemes"), 303))


def _published(form: FormState) -> Scheme:
    sent = request.files.get("file")
    raw = sent.read(FILE_MAX + 1) if sent and sent.filename else str(form.value("text")).encode()
    if len(raw) > FILE_MAX:
        raise BadInput("text", "文件太大,最大 200 KB。", "The file is too large; 200 KB at most.")
    try:
        body: Any = json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadInput("text", "这不是办法的数据文件(UTF-8 的 JSON)。",
                       "This is no scheme's file (JSON in UTF-8).") from None
    actor = current_actor()
    return publish_scheme(db.session(), command_of(body, UUID(form.key), actor.place_code), by=actor, at=clock.now())


def command_of(body: Any, key: UUID, place: str) -> Any:
    """The command of a file's content. Raises ValidationError with the field."""
    loaded = SchemeBodySchema().load(body if isinstance(body, dict) else {})
    return as_command(loaded, key=key, place_code=place)
