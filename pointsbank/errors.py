"""The bank's general refusals; rooms add their own beside these. See `ledger.errors` for the shape."""

from __future__ import annotations

from ledger import errors as ledger_errors
from ledger.errors import DomainError

__all__ = ["BadInput", "Conflict", "DomainError", "KeyReused", "NotAllowed", "NotFound", "NotSignedIn", "TooBusy"]


class BadInput(DomainError):
    """The form of the input is wrong: a field and a reason (both languages in `reason`)."""

    code, status = "bad_input", 422
    zh = "{reason}"
    en = "{reason}"

    def __init__(self, field: str | None, zh: str, en: str) -> None:
        super().__init__(field, reason={"zh": zh, "en": en})


class NotSignedIn(DomainError):
    code, status = "not_signed_in", 401
    zh = "请先登录。"
    en = "Please sign in first."


class NotAllowed(DomainError):
    code, status = "not_allowed", 403
    zh = "您没有这项权限,或这不在您负责的范围内。"
    en = "You may not do this, or it is outside the place you are responsible for."


class NotFound(DomainError):
    code, status = "not_found", 404
    zh = "没有找到您要的内容。"
    en = "What you asked for was not found."


class KeyReused(ledger_errors.KeyReused):
    """The ledger's refusal, met a floor above it: a form came again with other content."""

    zh = "这张表单已经提交过,但内容不同。请打开新的表单再试。"
    en = "This form was already submitted with other content. Open a new form and try again."

    def __init__(self, field: str | None = "key") -> None:
        DomainError.__init__(self, field)


class Conflict(DomainError):
    code, status = "conflict", 409
    zh = "别人刚刚已经处理过这一条。请刷新后再看。"
    en = "Somebody else has just dealt with this. Refresh and look again."


class TooBusy(DomainError):
    code, status = "too_busy", 503
    zh = "系统正忙,这一步没有办成,也没有扣分。请稍后再试。"
    en = "The system is busy; nothing was done and nothing was charged. Please try again."
