"""What the ratings room refuses."""

from __future__ import annotations

from pointsbank.errors import DomainError


class NoScheme(DomainError):
    code, status = "no_rating_scheme", 409
    zh = "这里还没有发布评星办法,不能开始评定。"
    en = "No rating scheme has been published here yet, so nothing can be rated."


class StepAside(DomainError):
    """Recusal: one's own household and relatives' households."""

    code, status = "step_aside", 403
    zh = "这是您本户或亲属家,按规定要回避,请由别人来评。"
    en = "This is your own or a relative's household; the rules ask you to step aside. Somebody else decides."


class CycleClosed(DomainError):
    code, status = "cycle_closed", 409
    zh = "这一期的评定已经确认,不能再改。"
    en = "This year's rating has been confirmed and cannot be changed any more."


class NotEvaluated(DomainError):
    code, status = "not_evaluated", 409
    zh = "还没有评定结果,请先点“开始评定”。"
    en = "There is no evaluation yet; run it first."


class StarsUndecided(DomainError):
    """Confirming would settle for good what nobody has settled: `codes` names the first of the households."""

    code, status = "stars_undecided", 409
    zh = ("还不能确认:还有 {n} 户的星没有判定({codes})。请补齐群众评议打分后点“重新评定”,"
          "或打开这些户由村“两委”逐星决定。")
    en = ("Not to be confirmed yet. Households with undecided stars: {n} ({codes}). Complete the jury's scores and "
          "evaluate again, or open these households and decide star by star.")


class NeedsReason(DomainError):
    code, status = "needs_reason", 422
    zh = "决定和评定结果不一致,请写明理由(至少 5 个字)。"
    en = "The decision departs from the verdict: write down why (at least 5 characters)."


class NotJudged(DomainError):
    code, status = "not_judged", 422
    zh = "“{star}”不由评议打分。"
    en = "“{star}” is not scored by a jury."


class RegistrationOver(DomainError):
    code, status = "registration_over", 409
    zh = "报名已经截止,不能再报名或撤回。"
    en = "Registration is over; no name can be put down or taken back any more."


class Barred(DomainError):
    code, status = "barred_from_rating", 409
    zh = "荣誉被撤销后还在禁评期,{day} 起才能再参评。"
    en = "An honour was revoked; taking part is possible again from {day}."


class OverQuota(DomainError):
    """`bands` names each level with how many hold it and how many may."""

    code, status = "over_quota", 409
    zh = "超过了名额:{bands}。请按办法择优,写明理由后逐户决定。"
    en = "More than the quota allows: {bands}. Choose by the scheme and decide household by household, with reasons."


class ErasedVerdict(DomainError):
    code, status = "erased_verdict", 410
    zh = "当时依据的数据已删除,不能重算。"
    en = "What the verdict rested on has been erased; it is not recomputable."
