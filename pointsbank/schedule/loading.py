"""Rules from a file: the village's own table as given, each row with its structure beside it.

    {"code": "V01", "item": "…", "unit": "小时", "points": 1, "cap": "每人每日4分、每户每月40分", …,
     "structured": {"unit": "hour", "caps": [{"subject": "person", "window": "day", "points": "4"}, …]}}

The texts are kept as they are; no figure stands twice. JSON numbers are read as decimals, never as binary fractions.
Loading goes through `publish_rule` with keys made from place and code, so loading twice changes nothing.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.database import unit_of_work
from pointsbank.schedule.rules import RuleVersion
from pointsbank.schedule.service import PublishRule, publish_rule

KEYS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:pointsbank:rules")
GIVEN = {"category": "category", "item": "item", "evidence": "evidence", "star": "star", "basis": "basis",
         "note": "note", "unit": "unit_text", "level": "unit_text", "cap": "cap_text", "flow": "flow_text"}
LISTS = {"positive_rules": ("earning", "加分"), "negative_rules": ("deduction", "减分")}


def load_demo_rules(s: Session, place_code: str, path: Path, *, by: Actor, at: datetime,
                    valid_from: date | None = None) -> list[RuleVersion]:
    """Publish every rule of the file at a place, in force from `valid_from` (None: the file's own day)."""
    data = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    starts = valid_from or date.fromisoformat(data["valid_from"])
    with unit_of_work(s):
        return [publish_rule(s, PublishRule(
            key=uuid.uuid5(KEYS, f"{place_code}/{entry['code']}"), place_code=place_code, code=entry["code"],
            body=body_of(entry, *LISTS[name]), valid_from=starts, adopted_minutes=data["adopted_minutes"]),
            by=by, at=at) for name in LISTS for entry in data[name]]


def body_of(entry: Mapping[str, Any], kind: str, category: str) -> dict[str, Any]:
    """The rule's body from one row of the table and its structure."""
    body: dict[str, Any] = {"category": category, "kind": kind}
    body |= {ours: entry[theirs] for theirs, ours in GIVEN.items() if entry.get(theirs) is not None}
    if entry.get("points") is not None:
        body["points"] = str(entry["points"])
    if "tiers" in entry:
        body["levels"] = [{"name": name, "points": str(points)} for name, points in entry["tiers"].items()]
    structured: Mapping[str, Any] = entry["structured"]
    return {**body, **structured}
