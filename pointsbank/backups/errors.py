"""What backups refuse, in two languages."""

from __future__ import annotations

from pointsbank.errors import DomainError


class CannotBackUp(DomainError):
    """A backup cannot be made, read or restored here; `reason` says why and what to do (both languages)."""

    code, status = "cannot_back_up", 503
    zh = "备份没有办成:{reason}"
    en = "The backup could not be done: {reason}"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(None, reason={"zh": zh, "en": en})


class Damaged(DomainError):
    """The file is not what its manifest says, or what it holds breaks a law."""

    code, status = "backup_damaged", 409
    zh = "这份备份有问题:{reason}"
    en = "Something is wrong with this backup: {reason}"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(None, reason={"zh": zh, "en": en})


class InUse(DomainError):
    """Somebody holds the data: a server, another restore, sessions on the database."""

    code, status = "data_in_use", 409
    zh = "数据正在使用({holder})。请先停下它,再试一次。"
    en = "The data is in use ({holder}). Stop that first, then try again."


class OlderThanKnown(DomainError):
    """The database is older than what the installation remembers; nothing is served until somebody has said so."""

    code, status = "older_than_known", 503
    zh = ("这个数据库比已知的旧:{lost}。找回更新的数据,或者确认这些已经丢失:"
          "flask --app wsgi backup acknowledge")
    en = ("This database is older than what is known: {lost}. Bring back newer data, or acknowledge the loss: "
          "flask --app wsgi backup acknowledge")
