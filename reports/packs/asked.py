"""The assessment tables as data: which figures each pack gives, from which rules, counted how.

    [section.title for section in asked("family", "zh")][0]      → '一、爱国守法、明礼诚信'

A figure of the ledger names its commodity and its rules; one from elsewhere names its source; `hand` is a line that the
bank does not keep and people fill in. Codes are stable: the register of prints and the trace page know figures by them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pointsbank.amounts import MINUTE, POINT, SCORE
from pointsbank.words import words

KINDS = ("family", "village", "unit", "commendation")
Measure = Literal["times", "amount", "loss", "people", "households", "months"]
Shown = Literal["whole", "points", "minutes", "percent", "text"]
SALES, AWARDS = ("sale", "sale_return"), ("earned", "regained")


@dataclass(frozen=True)
class Ask:
    """One line of a table. `source` 'ledger' counts transactions; other sources are read in outside.py by `code`.

    `measure`: deeds that stand, their sum, what was taken away, different people, households or months.
    """

    code: str
    title: str
    unit: str
    source: str = "ledger"
    measure: Measure = "times"
    shown: Shown = "whole"
    commodity: str = SCORE
    rules: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    of: tuple[str, str] | None = None  # a share: code of the part, code of the whole


@dataclass(frozen=True)
class Section:
    title: str
    asks: tuple[Ask, ...]


Say = Callable[..., str]


def asked(kind: str, lang: str) -> tuple[Section, ...]:
    """The table of a pack in the reader's language."""
    _ = words(lang)
    made: dict[str, Callable[[Say], tuple[Section, ...]]] = {
        "family": _family, "village": _village, "unit": _unit, "commendation": _commendation}
    return made[kind](_)


def ask_of(kind: str, code: str, lang: str) -> Ask | None:
    return next((ask for section in asked(kind, lang) for ask in section.asks if ask.code == code), None)


def _times(code: str, title: str, unit: str, *rules: str) -> Ask:
    return Ask(code, title, unit, rules=rules)


def _family(_: Say) -> tuple[Section, ...]:
    times, months = _("次"), _("个月")
    return (
        Section(_("一、爱国守法、明礼诚信"), (
            _times("F11", _("参加宣讲、村民大会、夜校和担任宣讲员"), times, "L01", "L02"),
            _times("F12", _("合理化建议被采纳"), _("条"), "G01"),
            _times("F13", _("受村级以上表彰"), times, "A01"),
            _times("F14", _("拾金不昧"), times, "D01", "D02"),
            _times("F15", _("见义勇为(镇级以上认定)"), times, "D04"),
            Ask("F16", _("扣分合计"), _("分"), measure="loss", shown="points", kinds=("deducted",)),
            Ask("F17", _("期末仍在的一票否决情形"), _("项"), source="vetoes"))),
        Section(_("二、夫妻和睦、孝老爱亲"), (
            _times("F21", _("被评为好媳妇、好婆婆、最美家庭"), times, "F01"),
            _times("F22", _("照护无亲属关系的老幼病残"), months, "D03"))),
        Section(_("三、学习进取、科学教子"), (_times("F31", _("家庭成员考入大学、研究生"), _("人"), "L03"),)),
        Section(_("四、邻里融洽、友爱互助"), (_times("F41", _("参与化解邻里纠纷成功"), _("件"), "D05"),)),
        Section(_("五、低碳生活、热心公益"), (
            Ask("F51", _("志愿服务时长"), _("小时"), measure="amount", shown="minutes", commodity=MINUTE),
            Ask("F52", _("参加志愿服务的家庭成员"), _("人"), measure="people", commodity=MINUTE),
            Ask("F53", _("庭院卫生评为“优秀”的月数"), months, measure="months", rules=("E01",)),
            Ask("F54", _("庭院卫生评为“优秀”或“良好”的月数"), months, measure="months", rules=("E01", "E02")),
            _times("F55", _("参加环境整治、清雪、垃圾分类达标"), times, "E03", "E04", "E05"),
            _times("F56", _("义务投工投劳"), _("人·日"), "G02"),
            _times("F57", _("移风易俗(婚丧简办、承诺、文明祭祀)"), times, "C01", "C02", "C03"),
            _times("F58", _("向爱心超市捐赠"), times, "B01"))),
        Section(_("六、综合"), (
            Ask("F61", _("评价分(不因兑换减少)"), _("分"), measure="amount", shown="points"),
            Ask("F62", _("获得积分"), _("分"), measure="amount", shown="points", commodity=POINT, kinds=AWARDS),
            Ask("F63", _("星级文明户评定:得星"), _("颗"), source="stars"),
            Ask("F64", _("现有上级荣誉"), _("项"), source="honours"),
            Ask("F65", _("邻里走访和社区推荐意见"), "", source="hand", shown="text"))))


def _village(_: Say) -> tuple[Section, ...]:
    times = _("次")
    return (
        Section(_("一、组织文明家庭、星级文明户创建"), (
            Ask("V11", _("在册户数"), _("户"), source="households"),
            Ask("V12", _("参加星级文明户评定的户数"), _("户"), source="rated"),
            Ask("V13", _("创评率"), "%", source="share", shown="percent", of=("V12", "V11")),
            Ask("V14", _("获铜星以上的户数"), _("户"), source="banded"),
            Ask("V15", _("获最高星级的户数"), _("户"), source="top_band"),
            Ask("V16", _("现有县级以上文明家庭"), _("户"), source="families"))),
        Section(_("二、志愿服务"), (
            Ask("V21", _("在册人口"), _("人"), source="members"),
            Ask("V22", _("参加过志愿服务的人数"), _("人"), measure="people", commodity=MINUTE),
            Ask("V23", _("参加志愿服务的人占人口"), "%", source="share", shown="percent", of=("V22", "V21")),
            Ask("V24", _("志愿服务时长"), _("小时"), measure="amount", shown="minutes", commodity=MINUTE),
            Ask("V25", _("开展活动"), _("场"), source="activities"))),
        Section(_("三、宣讲和移风易俗"), (
            _times("V31", _("参加宣讲、村民大会、夜校"), _("人次"), "L01"),
            _times("V32", _("群众担任宣讲员"), _("场"), "L02"),
            _times("V33", _("婚事新办、丧事简办"), times, "C01"),
            _times("V34", _("移风易俗承诺全年无违反"), _("户"), "C02"),
            _times("V35", _("文明祭祀"), times, "C03"))),
        Section(_("四、好人好事、邻里和睦"), (
            _times("V41", _("拾金不昧、见义勇为"), times, "D01", "D02", "D04"),
            _times("V42", _("照护无亲属关系的老幼病残"), _("户·月"), "D03"),
            _times("V43", _("群众化解邻里纠纷"), _("件"), "D05"),
            _times("V44", _("受村级以上表彰"), times, "A01"))),
        Section(_("五、环境卫生"), (
            _times("V51", _("庭院卫生“优秀”"), _("户·月"), "E01"),
            _times("V52", _("庭院卫生“良好”"), _("户·月"), "E02"),
            _times("V53", _("参加环境整治、清雪、垃圾分类达标"), _("人次"), "E03", "E04", "E05"))),
        Section(_("六、制度运行"), (
            Ask("V61", _("获得积分的户数"), _("户"), measure="households"),
            Ask("V62", _("发放积分"), _("分"), measure="amount", shown="points", commodity=POINT, kinds=AWARDS),
            Ask("V63", _("群众兑换积分"), _("分"), measure="loss", shown="points", commodity=POINT, kinds=SALES),
            Ask("V64", _("扣分"), times, kinds=("deducted",)),
            Ask("V65", _("公示的记录"), _("条"), source="notices"),
            Ask("V66", _("收到并答复的异议"), _("件"), source="objections"),
            Ask("V67", _("与文明单位结对共建的活动"), times, source="hand", shown="text"))))


def _unit(_: Say) -> tuple[Section, ...]:
    return (
        Section(_("一、志愿服务队伍"), (
            Ask("U11", _("在册人数"), _("人"), source="members"),
            Ask("U12", _("参加过志愿服务的人数"), _("人"), measure="people", commodity=MINUTE),
            Ask("U13", _("参加志愿服务的比例"), "%", source="share", shown="percent", of=("U12", "U11")),
            Ask("U14", _("志愿服务时长"), _("小时"), measure="amount", shown="minutes", commodity=MINUTE),
            Ask("U15", _("人均服务时长"), _("小时"), source="average", shown="minutes", of=("U14", "U12")),
            Ask("U16", _("其中:专业和应急志愿服务时长"), _("小时"), measure="amount", shown="minutes",
                commodity=MINUTE, rules=("V02", "V03")))),
        Section(_("二、活动和共建"), (
            Ask("U21", _("开展活动(清单见后)"), _("场"), source="activities"),
            _times("U22", _("宣讲"), _("场"), "L02"),
            Ask("U23", _("结对共建的单位和站"), "", source="hand", shown="text"),
            Ask("U24", _("结对共建活动次数"), _("次"), source="hand", shown="text"))),
        Section(_("三、爱心捐赠"), (
            Ask("U31", _("单位和个人捐物入库"), _("笔"), source="donations"),
            _times("U32", _("居民向爱心超市捐赠"), _("次"), "B01"))),
        Section(_("四、荣誉"), (Ask("U41", _("现有文明单位称号"), _("项"), source="unit_honours"),)))


def _commendation(_: Say) -> tuple[Section, ...]:
    return (
        Section(_("一、合计"), (
            Ask("C11", _("在册户数"), _("户"), source="households"),
            Ask("C12", _("有评价分的户数"), _("户"), measure="households"),
            Ask("C13", _("评价分合计"), _("分"), measure="amount", shown="points"),
            Ask("C14", _("参加过志愿服务的人数"), _("人"), measure="people", commodity=MINUTE),
            Ask("C15", _("志愿服务时长"), _("小时"), measure="amount", shown="minutes", commodity=MINUTE))),
        Section(_("二、说明"), (
            Ask("C21", _("村民代表会议推荐名额和意见"), "", source="hand", shown="text"),)))
