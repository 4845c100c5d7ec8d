"""A person at the pages without a browser: signs in, reads a page's forms, fills them in and sends them off.

    clerk = Visitor(app, "clerk")
    form = clerk.form("/till?who=H001&items=P01*2", "/till/sales")
    clerk.send(form).status_code                    # 303: sold
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from redemption.demo.people import data
from tests.factor import go_on

OWN = ("csrf_token", "key")  # fields of the shell, not of a person
TYPED = ("text", "number", "date", "time", "search", "tel", "datetime-local", "textarea", "password", "")


@dataclass
class Form:
    """A form as it stands in a page: what it would send if nobody touched it."""

    method: str
    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)

    @property
    def typed(self) -> list[str]:
        """The fields a person types into."""
        return [name for name, kind in self.kinds.items() if kind in TYPED and name not in OWN]

    def put(self, name: str, value: str, kind: str) -> None:
        self.kinds[name] = kind
        self.values.setdefault(name, []).append(value)


class FormReader(HTMLParser):
    """Collects the forms of a page, `form="…"` on elements outside included."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.inside: Form | None = None
        self.select: tuple[Form, str] | None = None
        self.area: tuple[Form, str] | None = None
        self.late: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.inside = Form(given.get("method", "get").lower(), given.get("action") or self.path)
            self.forms.append(self.inside)
            if "id" in given:
                self.by_id[given["id"]] = self.inside
        owner = self.by_id.get(given["form"]) if "form" in given else self.inside
        if owner is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                owner.kinds.setdefault(name, kind)
                owner.options.setdefault(name, []).append(given.get("value", "on"))
                if "checked" in given:
                    owner.put(name, given.get("value", "on"), kind)
            elif kind == "file":
                owner.kinds[name] = kind
            else:
                owner.put(name, given.get("value", ""), kind)
        elif tag == "select" and name:
            self.select = (owner, name)
            owner.kinds[name] = "select"
        elif tag == "textarea" and name:
            self.area = (owner, name)
            owner.put(name, "", "textarea")
        elif tag == "option" and self.select:
            form, select = self.select
            form.options.setdefault(select, []).append(given.get("value", ""))
            if "selected" in given or select not in form.values:
                form.values[select] = [given.get("value", "")]

    def handle_data(self, text: str) -> None:
        if self.area:
            form, name = self.area
            form.values[name] = [form.values[name][0] + text]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None


def forms_of(page: str, path: str) -> list[Form]:
    reader = FormReader(path)
    reader.feed(page)
    return reader.forms


def words(page: str) -> str:
    """What a page says, without its tags; the navigation included."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


class Visitor:
    """One person with a browser's cookies. `login` None stays outside."""

    def __init__(self, app: Flask, login: str | None, lang: str = "zh") -> None:
        self.client = app.test_client()
        self.client.set_cookie("pb_lang", lang)
        if login:
            self.sign_in(login)

    def sign_in(self, login: str, password: str | None = None) -> TestResponse:
        """Staff by name, households by their code, with the demo's passwords; who needs one shows a second factor."""
        staff = data("staff.json")
        kind = "household" if login.upper().startswith("H0") else "staff"
        secret = password or staff["household_pin" if kind == "household" else "password"]
        answer = go_on(self.client, self.client.post("/login", data={
            "kind": kind, "login": login, "password": secret}))
        assert password or answer.status_code in (201, 303), f"{login} cannot sign in: {answer.status_code}"
        return answer

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(path, query_string=query or None)

    def page(self, path: str, **query: Any) -> str:
        answer = self.get(path, **query)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.text

    def forms(self, path: str) -> list[Form]:
        return forms_of(self.page(path), path)

    def form(self, path: str, action: str) -> Form:
        """The page's form that goes to an address beginning so. A page without it fails the test."""
        found = [one for one in self.forms(path) if one.action.startswith(action) and one.method == "post"]
        assert found, f"{path} has no form to {action}"
        return found[0]

    def send(self, form: Form, **changes: Any) -> TestResponse:
        """Send a form with some fields filled in; a list fills a repeated field, a tuple is a file."""
        values: dict[str, Any] = {**form.values, **changes}
        if form.method == "get":
            return self.client.get(form.action.partition("?")[0], query_string=values)
        return self.client.post(form.action, data=values)
