"""Refusals and mishaps as people and programs meet them: one handler for pages and API.

A page gets a designed answer: what happened, that nothing was lost, what to do next. The API gets a problem document
(RFC 9457). A bug is logged whole under a reference; the person sees the reference and never the error.
"""

from __future__ import annotations

import json
import logging
import secrets
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from pointsbank.access import PasswordFirst, SecondFirst, optional_actor
from pointsbank.database import db, unavailable
from pointsbank.errors import DomainError, NotSignedIn, TooBusy
from pointsbank.web.messages import flat_errors, in_words
from pointsbank.web.security import SAFE, is_api
from pointsbank.web.viewer import PASSWORD, SECOND, SIGN_IN, language, serves

log = logging.getLogger("pointsbank.web")
GONE = 410  # what led here is dealt with too: only the way home helps
PROBLEM = "application/problem+json"
BARE = ("<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{title}</title>"
        "<h1>{title}</h1><p>{sentence}</p><p>{todo}</p><p><code>{reference}</code></p><p><a href='/'>↩</a></p>")


class Page(NamedTuple):
    """The words of an error page."""

    title: str
    sentence: str
    what_to_do: str
    icon: str = "info"


def pages() -> dict[int, Page]:
    """What each kind of mishap says when nobody has said anything better."""
    return {
        400: Page(_("看不懂这个请求"), _("浏览器送来的内容不完整。"), _("请回到上一页再试一次。"), "help"),
        401: Page(_("请先登录"), _("这一页要登录以后才能看。"), _("登录以后会回到这里。"), "key"),
        403: Page(_("这一页不归您管"), _("您没有这项权限,或这不在您负责的范围内。"),
                  _("如果您觉得应该能看,请找村里的管理员。"), "lock"),
        404: Page(_("没有找到"), _("这个地址下没有内容,可能已经移走或写错了一个字。"),
                  _("从首页重新找一找。"), "search"),
        405: Page(_("这一步要从页面上办"), _("这个地址不能直接打开。"), _("请回到上一页,用页面上的按钮。"), "help"),
        409: Page(_("这一步没有办成"), _("账上没有任何变动。"), _("看清原因后再试。"), "scales"),
        410: Page(_("这里已经处理完了"), _("这一页的内容处理完就撤下了,没有丢失什么。"),
                  _("不用再办;要接着做别的,请从首页进。"), "check"),
        413: Page(_("文件太大"), _("送来的文件超过了上限,没有保存。"), _("请拆成几个小文件,再分别上传。"), "file"),
        422: Page(_("有内容要改"), _("有的地方填得不对,没有保存。"), _("请回到上一页改好再提交。"), "sign"),
        429: Page(_("请稍等一会儿"), _("试得太快了,为了安全先停一停。"), _("几分钟以后再试。"), "clock"),
        500: Page(_("对不起,系统出错了"), _("是系统的毛病,不是您做错了什么。没有办成的事不会扣分。"),
                  _("请稍后再试;还不行,就把下面的编号告诉管理员。"), "alert"),
        503: Page(_("系统正忙"), _("这一步没有办成,也没有扣分。"), _("请稍后再试。"), "clock"),
    }


def problem(status: int, code: str, detail: str, *, field: str | None = None,
            errors: list[dict[str, str]] | None = None, **more: Any) -> Response:
    """A problem document."""
    page = pages().get(status) or pages()[500 if status >= 500 else 400]
    body: dict[str, Any] = {"type": url_for("web.problem_type", code=code), "title": page.title, "status": status,
                            "detail": detail, "code": code, "field": field, "errors": errors or [], **more}
    return Response(json.dumps(body, ensure_ascii=False, default=str), status=status, content_type=PROBLEM)


def error_page(status: int, *, sentence: str | None = None, reference: str | None = None) -> Response:
    """The designed page of a status; the sentence of the refusal replaces the general one."""
    page = pages().get(status) or pages()[500 if status >= 500 else 400]
    words = page._replace(sentence=sentence or page.sentence)
    return make_response(render_template("web/error.html", page=words, status=status, reference=reference,
                                         back=None if status == GONE else came_from()), status)


def came_from() -> str | None:
    """The page of ours that led here, as a path, to offer a way back."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or not parts.path.startswith("/"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def refused(error: DomainError) -> Response:
    """A refusal: for the API a problem document, for a page its designed answer."""
    sentence = error.sentence(language())
    if error.status == 403:
        by = optional_actor()
        log.info("refused %s at %s by %s from %s", error.code, request.endpoint, by.user_id if by else "a visitor",
                 request.remote_addr)
    if is_api():
        errors = [{"field": error.field, "message": sentence}] if error.field else []
        answer = problem(error.status, error.code, sentence, field=error.field, errors=errors,
                         facts={name: value for name, value in error.facts.items() if not isinstance(value, dict)})
        if error.status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
    elif isinstance(error, PasswordFirst) and serves(PASSWORD):
        flash(sentence, "wait")
        answer = make_response(redirect(PASSWORD, code=303))
    elif isinstance(error, SecondFirst) and serves(SECOND):
        answer = to_sign_in(SECOND)
    elif isinstance(error, NotSignedIn):
        answer = to_sign_in()
    else:
        answer = error_page(error.status, sentence=sentence)
    if error.status in (429, 503):
        answer.headers["Retry-After"] = str(_seconds(error))
    return answer


def _seconds(error: DomainError) -> int:
    minutes = error.facts.get("minutes")
    return minutes * 60 if isinstance(minutes, int) else 10


def to_sign_in(door: str = SIGN_IN) -> Response:
    """Ask to sign in and come back here afterwards; without a sign-in page, say so."""
    if not serves(door):
        return error_page(401)
    target = request.full_path.rstrip("?") if request.method in SAFE else came_from()
    address = f"{door}?{urlencode({'next': target})}" if target else door
    if request.method not in SAFE and door == SIGN_IN:
        flash(_("登录已经过期,刚才那一步没有办成。请登录后再做一次。"), "wait")
    return make_response(redirect(address, code=303))


def http_error(error: HTTPException) -> Response:
    """Flask's own refusals (404, 405, 413 …) and the API's form checks (422)."""
    status = error.code or 500
    if error.response is not None or 300 <= status < 400:
        return make_response(error.get_response())
    if not is_api():
        return error_page(status)
    data = getattr(error, "data", None) or {}
    found = flat_errors(data.get("messages") or data.get("errors") or {})
    errors = [{"field": field, "message": in_words(text)} for field, text in found]
    page = pages().get(status) or pages()[400]
    code = "bad_input" if errors else (error.name or "error").lower().replace(" ", "_")
    answer = problem(status, code, errors[0]["message"] if errors else page.sentence,
                     field=errors[0]["field"] if errors else None, errors=errors)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            answer.headers[name] = value
    return answer


def bug(error: Exception) -> Response:
    """An error nobody foresaw: logged whole, shown as an apology with a reference."""
    reference = secrets.token_hex(4).upper()
    log.error("bug %s at %s %s", reference, request.method, request.path, exc_info=error)
    if is_api():
        return problem(500, "internal_error", pages()[500].sentence, reference=reference)
    try:
        return error_page(500, reference=reference)
    except Exception as worse:  # the page's own frame asks the database, which may be what broke
        log.error("bug %s: its page could not be drawn either", reference, exc_info=worse)
        page = pages()[500]
        return Response(BARE.format(title=page.title, sentence=page.sentence, todo=page.what_to_do,
                                    reference=reference), status=500)


def database_trouble(error: SQLAlchemyError) -> Response:
    """A database that is busy or away is no bug: the designed 503. Everything else is one."""
    return busy(error) if unavailable(error) else bug(error)


def busy(error: SQLAlchemyError) -> Response:
    """Nothing was done; try again soon. Drawn without the database when that is what is away."""
    log.warning("busy at %s %s: %s", request.method, request.path, type(getattr(error, "orig", None) or error).__name__)
    try:
        db.session.rollback()
        return refused(TooBusy())
    except SQLAlchemyError:
        page = pages()[503]
        return Response(BARE.format(title=page.title, sentence=page.sentence, todo=page.what_to_do, reference=""),
                        status=503, headers={"Retry-After": "10"})


def install(app: Flask) -> None:
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(SQLAlchemyError, database_trouble)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, bug)
