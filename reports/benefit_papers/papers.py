"""The benefit's list and the interest-rate letter as A4 sheets, the list as a spreadsheet. Pure."""

from __future__ import annotations

from reportlab.platypus import Flowable

from pointsbank.sheets import Value, write_xlsx
from reports.benefit_papers.records import LetterData, RollData
from reports.pdf import (
    CheckCode,
    Column,
    Sheet,
    build_sheet,
    check_lines,
    day_text,
    heading,
    moment_text,
    ruled_table,
    seal_room,
    space,
    words,
)
from reports.pdf.parts import paragraph
from reports.position import position_words

LETTER_SIZE = 11


def roll_pdf(data: RollData, check: CheckCode | None = None) -> bytes:
    """Who is entitled and why, then for whom it cannot be decided; room for a signature behind each household."""
    _ = words(data.lang)
    sheet = Sheet(
        title=data.title, issuer=data.issuer, made_at=data.made_at, check=check, lang=data.lang,
        mark=_("演示数据") if data.demo else "", running=f"{data.title} · {day_text(data.on, data.lang)}",
        facts=((_("所在地"), data.place_name), (_("截至日"), day_text(data.on, data.lang)), (_("给什么"), data.gives),
               (_("享有"), _("%(n)s 户", n=len(data.having))), (_("谁享有"), data.rule)))
    columns = [Column(_("户号"), 18), Column(_("户主"), 28), Column(_("为什么"), wrap=True),
               Column(_("领取人签字"), 32)]
    rows = [[line.household, line.name, " ".join(line.why), ""] for line in data.having]
    story: list[Flowable] = [space(2), ruled_table(columns, rows or [["", "", _("现在没有哪一户享有。"), ""]])]
    if data.open:
        story += [space(3), heading(_("暂不能判定的户")), ruled_table(
            columns[:3], [[line.household, line.name, " ".join(line.why)] for line in data.open])]
    story += [space(4), seal_room(data.lang, data.issuer, check_lines([
        (_("规则"), _("%(code)s 第 %(n)s 版;福利第 %(v)s 版;%(who)s通过。", code=data.rule_code, n=data.rule_version,
                      v=data.version, who=data.adopted_by)),
        (_("账本位置"), position_words(data.position, data.lang)),
        (_("说明"), _("名单由规则算出,另有 %(n)s 户现在不享有。福利只添不减,法定待遇与积分无关。", n=data.without))]))]
    return build_sheet(sheet, story)


def roll_xlsx(data: RollData) -> bytes:
    """The same list as a sheet; every cell of text is text, so nothing runs as a formula."""
    _ = words(data.lang)
    headers = [_("户号"), _("户主"), _("结论"), _("为什么"), _("福利"), _("规则"), _("规则版本"), _("截至日"),
               _("账本位置")]
    shared: list[Value] = [data.title, data.rule_code, data.rule_version, data.on,
                           position_words(data.position, data.lang)]
    rows: list[list[Value]] = [[line.household, line.name, verdict, " ".join(line.why), *shared]
                               for verdict, lines in ((_("享有"), data.having), (_("暂不能判定"), data.open))
                               for line in lines]
    return write_xlsx(headers, rows, sheet=data.title)


def letter_pdf(data: LetterData, check: CheckCode | None = None) -> bytes:
    """A letter to a bank: who, what the village confirms with its figures, by which rule; the seal's room."""
    _ = words(data.lang)
    sheet = Sheet(
        title=_("利率优惠函"), issuer=data.issuer, made_at=data.made_at, check=check, lang=data.lang,
        mark=_("演示数据") if data.demo else "", running=f"{data.household} · {day_text(data.on, data.lang)}",
        facts=((_("户号"), data.household), (_("户主"), data.head_name), (_("所在地"), data.place_name),
               (_("截至日"), day_text(data.on, data.lang))))
    body = [
        _("%(bank)s:", bank=data.bank),
        _("兹证明%(place)s村民%(name)s家(户号 %(code)s)在新时代文明实践积分银行中,符合“%(title)s”的条件:",
          place=data.place_name, name=data.head_name, code=data.household, title=data.title),
        *(f"· {sentence}" for sentence in data.why),
        _("依据%(who)s通过的规则,可给予:%(gives)s。", who=data.adopted_by, gives=data.gives),
        _("是否放贷、额度和利率由贵行按自己的规定决定。本函只说明上述积分情况,不作担保,自开具之日起 30 日内有效。")]
    story: list[Flowable] = [space(4)]
    for sentence in body:
        story += [paragraph(sentence, LETTER_SIZE), space(3)]
    story += [space(4), seal_room(data.lang, data.issuer, check_lines([
        (_("规则"), _("%(code)s 第 %(n)s 版:%(rule)s", code=data.rule_code, n=data.rule_version, rule=data.rule)),
        (_("账本位置"), position_words(data.position, data.lang)),
        (_("制单"), moment_text(data.made_at, data.lang))]))]
    return build_sheet(sheet, story)
