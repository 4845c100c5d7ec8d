"""What the kinds of accounts and commodities are called in front of an auditor."""

from __future__ import annotations

from pointsbank.amounts import MINUTE, POINT, SCORE
from reports.pdf import words


def commodity_name(commodity: str, lang: str, good: str = "") -> str:
    """'积分(分)'; a good is named by its code and, where known, its name."""
    _ = words(lang)
    names = {POINT: _("积分(分)"), MINUTE: _("服务时长(分钟)"), SCORE: _("评价分(分)")}
    return names.get(commodity) or _("物资 %(sku)s(件)", sku=f"{commodity} {good}".strip())


def kind_name(kind: str, lang: str) -> str:
    """'wallet' -> '各户积分账户'. An unknown kind keeps its code, so that nothing is hidden."""
    _ = words(lang)
    names = {
        "wallet": _("各户积分账户"),
        "pool": _("互助积分池"),
        "hours": _("个人服务时长"),
        "score": _("各户评价分"),
        "shelf": _("货架库存"),
        "budget": _("积分发放来源"),
        "served": _("服务时长来源"),
        "scored": _("评价分来源"),
        "penalty": _("扣分去向"),
        "spent": _("已兑换积分"),
        "expired": _("到期作废积分"),
        "opening": _("期初转入来源"),
        "clearing": _("跨县往来"),
        "donor": _("捐赠来源"),
        "bought": _("采购来源"),
        "given": _("已兑出物资"),
        "written-off": _("报损物资"),
        "stocktake": _("盘点盈亏"),
    }
    return names.get(kind, kind)
