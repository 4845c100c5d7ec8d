"""What the papers of benefits print: frozen, so that the same data gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from reports.position import Position


class RollLine(NamedTuple):
    household: str
    name: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class RollData:
    """The list of one benefit in one village."""

    title: str
    gives: str
    rule: str
    rule_code: str
    rule_version: int
    version: int
    adopted_by: str
    place_name: str
    issuer: str
    on: date
    having: tuple[RollLine, ...]
    open: tuple[RollLine, ...]
    without: int
    position: Position
    made_at: datetime
    demo: bool = False
    lang: str = "zh"


@dataclass(frozen=True)
class LetterData:
    """An interest-rate letter: what the village confirms to a bank, and by which rule. The bank decides."""

    bank: str
    title: str
    gives: str
    household: str
    head_name: str
    why: tuple[str, ...]
    rule: str
    rule_code: str
    rule_version: int
    adopted_by: str
    place_name: str
    issuer: str
    on: date
    position: Position
    made_at: datetime
    demo: bool = False
    lang: str = "zh"
