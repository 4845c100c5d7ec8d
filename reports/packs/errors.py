"""What may be refused about packs, in both languages."""

from __future__ import annotations

from pointsbank.errors import DomainError


class NotReady(DomainError):
    code, status = "pack_not_ready", 409
    zh = "这份材料还没有做好,请稍等片刻再取。"
    en = "This pack is not ready yet. Please wait a moment."


class PackGone(DomainError):
    code, status = "pack_gone", 410
    zh = "这份材料已经删除,或者推荐家庭的资料已按要求抹去。请重新生成。"
    en = "This pack was discarded, or the family's data was erased on request. Please make it anew."
