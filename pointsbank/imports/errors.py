"""Refusals of the imports room. What is wrong with a file or a row is said by the rooms sheets and records."""

from __future__ import annotations

from pointsbank.errors import DomainError


class ColumnMissing(DomainError):
    code, status = "column_missing", 422
    zh = "还没有指定“{column}”是哪一列。请在下面选好。"
    en = "The column for “{column}” is not chosen yet. Choose it below."


class ColumnTwice(DomainError):
    code, status = "column_twice", 422
    zh = "第 {column} 列同时选给了两项。每一列只能用一次。"
    en = "Column {column} is chosen for two things. Each column can be used once."


class NotCheckedYet(DomainError):
    code, status = "not_checked_yet", 409
    zh = "这个文件还没有试算,或正在试算。请先看试算结果,再确认。"
    en = "This file has no dry run yet. Look at the dry run first, then confirm."


class FileGone(DomainError):
    code, status = "file_gone", 410
    zh = "这个文件已经处理完并删除。要再导入,请重新上传。"
    en = "This file was dealt with and removed. Upload it again to import again."


class NothingToImport(DomainError):
    code, status = "nothing_to_import", 409
    zh = "没有可以导入的行。请按下面的说明改好文件,再上传一次。"
    en = "There is no row that can be imported. Put the file right as shown below and upload it again."
