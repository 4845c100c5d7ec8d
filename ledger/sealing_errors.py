"""What the seal refuses, and why. Each is raised before anything is signed."""

from __future__ import annotations

from ledger.errors import DomainError


class HistoryShrank(DomainError):
    """The log is shorter than what was signed: an older copy was restored, or its end was cut off."""

    code, status = "history_shrank", 409
    zh = ("账本 {book} 的记录只到第 {size} 条,而已签到第 {signed} 条:第 {size} 至 {last} 条不见了,不再签署。"
          "确认丢失后请运行 ledger checkpoint --acknowledge-loss。")
    en = ("Book {book} holds {size} sealed transactions, but {signed} were signed: leaves {size} to {last} are lost. "
          "Nothing more is signed until you acknowledge it: ledger checkpoint --acknowledge-loss.")


class HistoryChanged(DomainError):
    """The log no longer continues what was signed."""

    code, status = "history_changed", 409
    zh = "账本 {book} 的前 {signed} 条与已签署的不一致,有人改动过;不再签署。请运行 ledger verify 查明。"
    en = ("Book {book}: its first {signed} leaves are not those that were signed; somebody changed them. "
          "Nothing more is signed. Run ledger verify to find them.")


class RowsChanged(DomainError):
    """A row does not give the leaf that stands for it, or a balance is not what its last line says."""

    code, status = "rows_changed", 409
    zh = "账本 {book}:{what} 与其记录不符,不签署。请运行 ledger verify。"
    en = "Book {book}: {what} differs from its record; nothing is signed. Run ledger verify."


class SignerForgot(DomainError):
    """Checkpoints exist, but the signer's own memory of them is gone."""

    code, status = "signer_forgot", 409
    zh = ("账本 {book} 已有签署的检查点,但密钥目录里没有签署记录;请恢复 seal-state 目录,"
          "或运行 ledger checkpoint --acknowledge-loss。")
    en = ("Book {book} has signed checkpoints, but the key folder has no memory of them: restore its folder "
          "seal-state, or run ledger checkpoint --acknowledge-loss.")


class NotSettled(DomainError):
    """Another sealer is at work and has left a member account half sealed; trying again soon succeeds."""

    code, status = "seal_not_settled", 503
    zh = "账本 {book} 正在封存,请稍后再试。"
    en = "Book {book} is being sealed by somebody else; try again in a moment."


class NothingSealed(DomainError):
    """There is no leaf yet, so there is nothing to sign."""

    code, status = "nothing_sealed", 409
    zh = "账本 {book} 还没有可封存的记录。"
    en = "Book {book} has nothing to seal yet."
