"""Forms: what was typed, what is wrong with it, and the command it makes.

    @pages.get("/import")
    def ask():
        return render_template("imports/ask.html", form=blank())

    @pages.post("/import")
    def do():
        command, form = form_command(ImportSchema())
        if command is None:
            return form.again("imports/ask.html")               # 422, typed values kept
        try:
            done = start_import(db.session(), command, by=current_actor(), at=clock.now())
        except DomainError as refusal:
            return form.again("imports/ask.html", refusal)       # its own status, beside its field
        return redirect(url_for("imports.show", id=done.id), code=303)

The schema loads what the request form holds. Names that repeat make a list where the schema has one; `items-0-sku`,
`items-0-count` … make a list of objects; an empty field counts as not given. `key` is the idempotency key that
form_tokens() put there, so a schema for a write declares `key = fields.UUID(required=True)`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import Response, make_response, render_template, request
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from pointsbank.errors import DomainError
from pointsbank.web.messages import flat_errors, in_words
from pointsbank.web.viewer import language

OWN = frozenset({"csrf_token", "lang"})  # of the shell, no business of a schema
ROWS_MAX = 1000  # of one list of objects in a form


class FormState:
    """What a form shows. `prefix` keeps ids apart when two forms of a page share field names."""

    def __init__(self, typed: Mapping[str, Sequence[str]] | None = None, *, start: Mapping[str, Any] | None = None,
                 key: str | None = None, prefix: str = "") -> None:
        self.typed = dict(typed or {})
        self.start = dict(start or {})
        self.errors: dict[str, str] = {}
        self.refusal: str | None = None
        self.key = key or str(uuid.uuid4())
        self.prefix = prefix

    def id(self, name: str) -> str:
        return self.prefix + name

    def value(self, name: str, default: Any = "") -> Any:
        """What was typed, else what the form started with, else the default."""
        if self.typed:
            return self.typed.get(name, [""])[0]
        found = self.start.get(name, default)
        return "" if found is None else found

    def values(self, name: str) -> list[str]:
        """Every value of a repeated field."""
        return list(self.typed.get(name, ())) if self.typed else [str(v) for v in self.start.get(name, ())]

    def checked(self, name: str, value: Any = "1", default: bool = False) -> bool:
        """Whether a box is ticked: as typed, else as the form started."""
        if self.typed:
            return str(value) in self.typed.get(name, ())
        return bool(self.start.get(name, default))

    def error(self, name: str) -> str | None:
        return self.errors.get(name)

    @property
    def first_wrong(self) -> str | None:
        """The first wrong field in the order of the form, for the cursor."""
        return next((name for name in self.typed if name in self.errors), next(iter(self.errors), None))

    def refuse(self, refusal: DomainError) -> None:
        """Show a refusal beside the field it names, or on top of the form."""
        sentence = refusal.sentence(language())
        if refusal.field:
            self.errors[form_name(refusal.field)] = sentence
        self.refusal = sentence

    def again(self, template: str, refusal: DomainError | None = None, **context: Any) -> Response:
        """The same page with what was typed and what is wrong: 422, or the refusal's own status."""
        if refusal is not None:
            self.refuse(refusal)
        status = refusal.status if refusal is not None else 422
        return make_response(render_template(template, form=self, **context), status)


class Loaded(NamedTuple):
    """The command, or None with the errors in the form."""

    command: Any
    form: FormState


def blank(prefix: str = "", **start: Any) -> FormState:
    """A fresh form, with the values it starts with."""
    return FormState(start=start, prefix=prefix)


def form_command(schema: Schema, *, prefix: str = "", extra: Mapping[str, Any] | None = None) -> Loaded:
    """Load the request's form through a schema. `extra`: values of the page itself (path parts), not typed."""
    typed = {name: request.form.getlist(name) for name in request.form}
    form = FormState(typed, key=given_key(), prefix=prefix)
    try:
        return Loaded(schema.load({**form_data(request.form, schema), **(extra or {})}), form)
    except ValidationError as wrong:
        for field, message in flat_errors(wrong.messages):
            form.errors.setdefault(form_name(field), in_words(message))
        return Loaded(None, form)
    except DomainError as refusal:  # a schema's own fields may refuse in their words (amounts do)
        form.refuse(refusal)
        return Loaded(None, form)


def form_key(form: FormState | str | None = None) -> str:
    """The idempotency key to put into a form: kept while the same form is shown again, else new."""
    if isinstance(form, FormState):
        return form.key
    return str(form or uuid.uuid4())


def form_name(path: str) -> str:
    """The name of the input a field path is about: 'items.0.sku' -> 'items-0-sku'."""
    return path.replace(".", "-")


def form_data(given: MultiDict[str, str], schema: Schema) -> dict[str, Any]:
    """The form as the nested data a schema loads."""
    data: dict[str, Any] = {}
    rows: dict[str, dict[int, dict[str, str]]] = {}
    lists = {name for name, field in schema.fields.items() if isinstance(field, (fields.List, fields.Tuple))}
    for name in given:
        if name in OWN:
            continue
        head, index, tail = _row_name(name)
        if head in lists and index is not None:
            row = rows.setdefault(head, {}).setdefault(index, {})
            if value := given[name].strip():
                row[tail] = value
        elif name in lists:
            data[name] = [value.strip() for value in given.getlist(name) if value.strip()]
        elif (value := given[name]).strip():
            data[name] = value if _is_secret(name) else value.strip()
    for head, found in rows.items():
        data[head] = list(_filled(found.items()))
    return data


def _filled(rows: Iterable[tuple[int, dict[str, str]]]) -> Iterable[dict[str, str]]:
    return (row for _, row in sorted(rows, key=lambda item: item[0])[:ROWS_MAX] if row)


def _row_name(name: str) -> tuple[str, int | None, str]:
    head, _, rest = name.partition("-")
    index, _, tail = rest.partition("-")
    number = int(index) if index.isascii() and index.isdigit() and len(index) < 6 and tail else None
    return head, number, tail


def _is_secret(name: str) -> bool:
    return "password" in name


def given_key() -> str | None:
    """The key that came with the form, when it is one."""
    given = request.form.get("key", "")
    try:
        return str(uuid.UUID(given))
    except ValueError:
        return None
