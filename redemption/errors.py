"""Every refusal of the love supermarket, in both languages.

Each says why, what is possible, and that nothing was charged (未扣分). None names what kind of household somebody is:
a rule is named by its sentence, never by the person's tag.
"""

from __future__ import annotations

from ledger.errors import DomainError


class NotEnoughPoints(DomainError):
    code, status = "not_enough_points", 409
    zh = "积分不足:需要 {need} 分,可用 {available} 分(账面 {posted} 分,冻结 {held} 分)。{possible}未扣分。"
    en = ("Not enough points: {need} needed, {available} available ({posted} posted, {held} on hold). {possible} "
          "Nothing was charged.")


class OutOfStock(DomainError):
    code, status = "out_of_stock", 409
    zh = "{good}在{shop}只剩 {on_hand} {unit}可兑(冻结 {held}),要 {wanted} {unit}。{sibling}未扣分。"
    en = "{shop} has {on_hand} {unit} of {good} left ({held} on hold), {wanted} wanted. {sibling} Nothing was charged."


class SoldOut(DomainError):
    code, status = "sold_out", 409
    zh = "{good}在{shop}已兑完(现有 0 {unit},冻结 {held})。{sibling}未扣分。"
    en = "{good} is sold out at {shop} (0 {unit} left, {held} on hold). {sibling} Nothing was charged."


class OverLimit(DomainError):
    code, status = "over_limit", 409
    zh = "超过限额:{rule}。{possible}未扣分。"
    en = "Over the limit: {rule}. {possible} Nothing was charged."


class NotEligible(DomainError):
    """`missing`: how far it is, in brackets, where that is a figure anybody may hear; else empty."""

    code, status = "not_eligible", 409
    zh = "{good}现在不能兑换:{rule}{missing}。未扣分。"
    en = "{good} cannot be redeemed now: {rule}{missing}. Nothing was charged."


class CannotDecide(DomainError):
    code, status = "cannot_decide", 409
    zh = "{good}暂时无法判断能否兑换:{rule};缺少资料:{missing}。请找站里补齐后再来,未扣分。"
    en = ("It cannot be decided whether {good} may be redeemed: {rule}; missing: {missing}. Please have the station "
          "complete the record. Nothing was charged.")


class BelowMinimum(DomainError):
    code, status = "below_minimum", 409
    zh = "未到起兑分:每次兑换至少 {minimum} 分({rule});本次 {total} 分,可用 {available} 分。未扣分。"
    en = ("Below the minimum: a redemption takes at least {minimum} points ({rule}); this one {total}, available "
          "{available}. Nothing was charged.")


class NoShopHere(DomainError):
    code, status = "no_shop_here", 404
    zh = "{place}还没有爱心超市。请联系镇街所管理员开办。"
    en = "{place} has no love supermarket yet. Ask the office's administrator to open one."


class ShopClosed(DomainError):
    code, status = "shop_closed", 409
    zh = "{shop}现在不开门。{next_open}未扣分。"
    en = "{shop} is closed now. {next_open} Nothing was charged."


class AskAgain(DomainError):
    code, status = "ask_again", 409
    zh = "{ago} 前这一户刚兑过同样的东西(小票 {receipt})。确实要再兑一次吗?现在未扣分。"
    en = ("{ago} ago this household redeemed exactly the same (receipt {receipt}). Really once more? Nothing was "
          "charged yet.")


class OwnHousehold(DomainError):
    code, status = "own_household", 403
    zh = "这是您自己家或已登记近亲属的一户,请换另一位收银员办理。未扣分。"
    en = "This is your own household or a declared relative's: another clerk has to serve it. Nothing was charged."


class NoSuchGood(DomainError):
    code, status = "no_such_good", 404
    zh = "没有编码为“{given}”的商品。未扣分。"
    en = "There is no good with the code “{given}”. Nothing was charged."


class NoPrice(DomainError):
    code, status = "no_price", 409
    zh = "{good}还没有在执行的兑换价,不能兑换。未扣分。"
    en = "{good} has no price in force and cannot be redeemed. Nothing was charged."


class Retired(DomainError):
    code, status = "retired", 409
    zh = "{good}已停止兑换。未扣分。"
    en = "{good} is no longer offered. Nothing was charged."


class NoSuchHousehold(DomainError):
    code, status = "no_such_household", 404
    zh = "没有找到“{given}”这一户,请核对户号或重新扫码。"
    en = "No household “{given}” was found here; check the code or scan the card again."


class NeitherHouseholdNorGood(DomainError):
    code, status = "neither_household_nor_good", 404
    zh = "没有“{given}”这个户号,也没有这个商品。请核对后再扫一次,篮子没有变。"
    en = "“{given}” is neither a household nor a good here. Check it and scan again; the basket is unchanged."


class HouseholdFirst(DomainError):
    code, status = "household_first", 409
    zh = "请先扫户码,再扫商品:{good}没有放进篮子。"
    en = "Scan the household first, then the goods: {good} was not put into the basket."


class SeveralHouseholds(DomainError):
    code, status = "several_households", 409
    zh = "叫这个名字的不止一户:{codes}。请扫户码或输入户号。"
    en = "More than one household has somebody of this name: {codes}. Scan the card or type the code."


class AlreadyReturned(DomainError):
    code, status = "already_returned", 409
    zh = "{what}已经退过(退货单 {receipt}),不能再退。积分没有变动。"
    en = "{what} was already returned (return {receipt}) and cannot be returned again. No points moved."


class StocktakeBetween(DomainError):
    code, status = "stocktake_between", 409
    zh = ("这笔兑换之后盘点过{good}({day})。请说明:货真的退回来了选“放回货架”并确认;只是当时记错了选“记录有误”。"
          "积分还没有变动。")
    en = ("{good} was counted after this sale ({day}). Say which: the goods really came back (back to shelf, and "
          "confirm), or the paper was wrong. No points moved yet.")


class NeedsSecond(DomainError):
    code, status = "needs_second", 409
    zh = "这一步要两个人:请另一位有复核权限的人(村两委或监委会)在旁确认。"
    en = "This takes two persons: somebody else who may countersign (committee or supervisors) has to confirm."


class ExpiredGoods(DomainError):
    code, status = "expired_goods", 409
    zh = "{good}的有效期是 {use_by},已经过期,不能入库上架。"
    en = "{good} has a use-by date of {use_by}, which has passed; it cannot be taken onto the shelf."


class NotOnShelf(DomainError):
    code, status = "not_on_shelf", 409
    zh = "{good}这一批只有 {on_hand} {unit},不能出 {wanted} {unit}。什么都没有变动。"
    en = "This batch of {good} has {on_hand} {unit}; {wanted} cannot leave. Nothing changed."


class CountImpossible(DomainError):
    code, status = "count_impossible", 409
    zh = "{good}数到 {counted} {unit},可是清点之后又出了 {moved} {unit},账面会变成负数。请重新清点这一项。"
    en = ("{good}: {counted} {unit} counted, but {moved} left the shelf since; the book would fall below zero. "
          "Please count this one again.")


class CountedLater(DomainError):
    code, status = "counted_later", 409
    zh = "{good}在 {moment} 已有更晚的盘点,这次较早的清点不再入账。"
    en = "{good} has a later count ({moment}); this earlier one is not booked any more."


class GoodElsewhereToo(DomainError):
    code, status = "good_elsewhere_too", 403
    zh = "这样商品别处的超市也在兑,由管到这些超市的库管员来改。"
    en = "Other shops carry this good too. Whoever keeps the stores of all of them may change it."


class PriceInThePast(DomainError):
    code, status = "price_in_the_past", 422
    zh = "新价只能从今天或以后执行;已经兑出的按当时的价,不改。"
    en = "A new price starts today or later; what was redeemed keeps the price of its day."


class CodeTaken(DomainError):
    code, status = "code_taken", 409
    zh = "编码或条码“{given}”已经属于{good}。"
    en = "The code or barcode “{given}” already belongs to {good}."
