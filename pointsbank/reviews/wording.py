"""Kinds and levels of honours in words.

    >>> kind_words("family", "zh"), level_words("county", "en")
    ('文明家庭', 'county')
"""

from __future__ import annotations

KIND_NAMES = {"family": ("文明家庭", "civilized family"), "village": ("文明村镇", "civilized village or town"),
              "unit": ("文明单位", "civilized unit"), "commendation": ("评优奖励", "commendation")}
LEVEL_NAMES = {"village": ("村级", "village"), "town": ("镇级", "town"), "county": ("县级", "county"),
               "city": ("市级", "city"), "province": ("省级", "province"), "nation": ("国家级", "national")}


def kind_words(kind: str, lang: str) -> str:
    return KIND_NAMES[kind][lang.startswith("en")]


def level_words(level: str, lang: str) -> str:
    return LEVEL_NAMES[level][lang.startswith("en")]
