"""The API against its own document: requests made from /api/openapi.json, good ones and bad ones, by several people.

No answer is a 5xx; every status, body and content type is one the document speaks of. In the default run a few of each
operation, on one of the two databases by turns; LONG=1 sends ten thousand and more to each.
"""

from __future__ import annotations

import os
import re
import uuid
from collections import Counter
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode

from pointsbank.access import POWERS
from redemption.demo.people import Village
from tests.databases import KINDS
from tests.demo_today import Api, bare_today  # noqa: F401
from tests.doors.entries import ENTRIES

LONG = os.environ.get("LONG") == "1"
EACH = 120 if LONG else 2  # good and bad requests of each operation, so many each
# Login -> role: an operation is asked by those who have its power, and in a long run by one who has not.
PEOPLE = {"recorder": "recorder", "committee": "committee", "storekeeper": "storekeeper", "clerk": "clerk",
          "admin": "admin", "auditor": "auditor", "reviewer": "reviewer", "230199100200/H011": "volunteer"}
PROBLEM = "application/problem+json"


@pytest.fixture
def people(app: Flask, bare_today: Village) -> list[Api]:  # noqa: F811
    return [Api(app, login) for login in PEOPLE]


def who_asks(app: Flask, path: str, method: str, people: list[Api]) -> list[Api]:
    """Those with the power of the operation's door; in a long run one without as well."""
    powers = {(re.sub(r"<(?:[^:>]*:)?([^>]*)>", r"{\1}", rule.rule), one): ENTRIES[rule.endpoint].power
              for rule in app.url_map.iter_rules() if rule.endpoint in ENTRIES for one in rule.methods or ()}
    power = powers.get((path, method.upper()), "")
    may = [one for one in people if power in POWERS[PEOPLE[one.login]]]
    return [*may, *([one for one in people if one not in may][:1] if LONG else [])] or people[:3]


def documented(operation: Any) -> set[str]:
    return {str(status) for status in operation.definition.raw.get("responses", {})}


def test_whatever_is_asked_is_answered_as_the_document_says(app, people, database_kind):
    """Also what the document forbids: it is refused, in the documented way, and never by a fault of the server."""
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    answers: Counter[int] = Counter()
    wrong: list[str] = []
    for number, result in enumerate(document.get_all_operations()):
        if not LONG and number % 2 != KINDS.index(database_kind):
            continue
        operation = result.ok()
        asking = who_asks(app, operation.full_path, operation.method, people)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            ask(operation, mode, asking, number, answers, wrong)
    print(f"{answers.total()} requests: {dict(sorted(answers.items()))}")
    assert wrong == [], "\n".join(sorted(set(wrong))[:40])
    assert answers.total() >= (10_000 if LONG else 100), answers
    assert answers[200] + answers[201] > 0 and answers[422] > 0, answers


def ask(operation: Any, mode: GenerationMode, people: list[Api], number: int, answers: Counter[int],
        wrong: list[str]) -> None:
    """Some requests of one operation, each by the next person."""
    try:
        strategy = operation.as_strategy(generation_mode=mode)
    except schemathesis.errors.SchemathesisError:
        return  # nothing to do wrong: no parameters
    turn = iter(range(number, number + 100_000))

    @seed(20261125 + number)
    @settings(max_examples=EACH, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(case=strategy)
    def send(case: Any) -> None:
        who = people[next(turn) % len(people)]
        headers = {**who.headers}
        if operation.method.lower() == "post":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        answer = case.call(headers=headers)
        answers[answer.status_code] += 1
        judge(operation, case, answer, who.login, wrong)
    try:
        send()
    except Exception as nothing:  # a strategy without any example
        if "Unsatisfiable" not in type(nothing).__name__:
            raise


def judge(operation: Any, case: Any, answer: Any, login: str, wrong: list[str]) -> None:
    said = f"{operation.method.upper()} {operation.path} as {login}: {answer.status_code}"
    kind = answer.headers.get("content-type", [""])[0].split(";")[0]
    if answer.status_code >= 500:
        wrong.append(f"{said} {answer.text[:200]}")
    elif answer.status_code >= 400:
        problem = answer.json() if kind == PROBLEM else {}
        if kind != PROBLEM or not {"type", "title", "status", "detail", "code"} <= problem.keys():
            wrong.append(f"{said} is no problem document: {kind}")
        elif problem["status"] != answer.status_code:
            wrong.append(f"{said} says {problem['status']}")
    if not documented(operation) & {str(answer.status_code), "default"}:
        wrong.append(f"{said} is not in the document")
    if answer.status_code < 300:
        try:
            case.validate_response(answer, checks=[not_a_server_error,
                                                   schemathesis.checks.CHECKS.get_one("response_schema_conformance")])
        except AssertionError as failure:
            wrong.append(f"{said}: {str(failure)[:300]}")
        except BaseExceptionGroup as failures:
            wrong.append(f"{said}: {str(failures.exceptions[0])[:300]}")
