"""Files that cannot be read as a table, each with a sentence that says what to do instead.

Facts never hold a cell's content: these errors travel to screens, API clients and logs.
"""

from __future__ import annotations

from pointsbank.errors import DomainError


class FileRefused(DomainError):
    """Base of all refusals of a whole file. `kind` in the facts is what the content turned out to be."""

    code, status = "file_refused", 422
    zh = "这个文件读不了。请另存为 .xlsx 后再上传。"
    en = "This file cannot be read. Save it as .xlsx and upload it again."


class FileTooLarge(FileRefused):
    code, status = "file_too_large", 413
    zh = "文件有 {size_mb} MB,超过了 {limit_mb} MB 的上限。请删去图片和空行,或分成几个文件上传。"
    en = "The file has {size_mb} MB; the limit is {limit_mb} MB. Remove pictures and empty rows, or split it."


class ExpandsTooFar(FileRefused):
    code, status = "file_expands_too_far", 422
    zh = "这个 .xlsx 解开后大得不正常,为安全起见不读。请新建一个表格,把数据“粘贴为数值”后另存为 .xlsx。"
    en = "This .xlsx unpacks to an abnormal size and is not read. Paste the data as values into a new .xlsx."


class UnsafeXml(FileRefused):
    code, status = "file_unsafe_xml", 422
    zh = "这个 .xlsx 里有不该出现的 XML 实体定义,为安全起见不读。请在 Excel 或 WPS 里打开后另存为 .xlsx。"
    en = "This .xlsx contains XML entity definitions and is not read. Open it in Excel or WPS and save as .xlsx."


class EmptyFile(FileRefused):
    code, status = "file_empty", 422
    zh = "文件是空的(0 字节,或没有任何数据)。请确认保存过以后再上传。"
    en = "The file is empty (no bytes, or no data at all). Make sure it was saved, then upload it again."


class DamagedFile(FileRefused):
    code, status = "file_damaged", 422
    zh = "文件像是 {kind},但已损坏或没有下载完整。请重新下载,或在 Excel、WPS 里打开后另存为 .xlsx。"
    en = "The file looks like {kind} but is damaged or incomplete. Download it again, or open it and save as .xlsx."


class LockedFile(FileRefused):
    code, status = "file_locked", 422
    zh = "文件设了打开密码。请在 Excel 或 WPS 里输入密码打开,取消密码后另存为 .xlsx。"
    en = "The file is protected by a password. Open it, remove the password and save it as .xlsx."


class NotATable(FileRefused):
    code, status = "file_not_a_table", 422
    zh = "这不是表格文件(内容是{kind})。请上传 .xlsx、.xls 或 .csv。"
    en = "This is not a table (its content is {kind}). Upload an .xlsx, .xls or .csv file."


class OtherSpreadsheet(FileRefused):
    code, status = "file_other_spreadsheet", 422
    zh = "这是{kind},读不了。请用 WPS 或 Excel 打开,点“文件 → 另存为”,类型选“Excel 文件 (*.xlsx)”,再上传。"
    en = "This is {kind}, which is not read. Open it in WPS or Excel, choose Save As, type .xlsx, and upload that."


class TooManyRows(FileRefused):
    code, status = "too_many_rows", 422
    zh = "表格超过 {limit} 行。请按月或按组分成几个文件上传。"
    en = "The table has more than {limit} rows. Split it by month or by group."


class TooManyColumns(FileRefused):
    code, status = "too_many_columns", 422
    zh = "第 {row} 行的数据超过了 {limit} 列。请删去多余的列后再上传。"
    en = "Row {row} has data beyond {limit} columns. Remove the surplus columns and upload it again."


class TextTooLong(FileRefused):
    code, status = "cell_text_too_long", 422
    zh = "第 {row} 行有一格文字超过 {limit} 个字。请缩短后再上传。"
    en = "A cell in row {row} has more than {limit} characters. Shorten it and upload it again."


class UnknownSheet(FileRefused):
    code, status = "unknown_sheet", 422
    zh = "没有名为“{sheet}”的工作表。这个文件里有:{sheets}。"
    en = "There is no sheet called “{sheet}”. The file has: {sheets}."


class NoVisibleSheet(FileRefused):
    code, status = "no_visible_sheet", 422
    zh = "文件里的工作表都是隐藏的。请取消隐藏要导入的那一张,再上传。"
    en = "All sheets of the file are hidden. Unhide the one to import and upload it again."


class UnknownEncoding(FileRefused):
    code, status = "unknown_encoding", 422
    zh = "第 {line} 行有认不出的字(文件编码有误)。请用 Excel 或 WPS 打开,另存为“CSV UTF-8”或 .xlsx。"
    en = "Line {line} holds bytes that are no text in any known encoding. Save it as CSV UTF-8 or .xlsx."


class UnclosedQuote(FileRefused):
    code, status = "unclosed_quote", 422
    zh = "第 {line} 行开始的英文双引号(\")没有配对,后面的行都分不开了。请补上或删去这个引号。"
    en = "The double quote opened in line {line} is never closed, so the rows after it cannot be told apart."


class NoHeader(FileRefused):
    code, status = "no_header", 422
    zh = "前 {limit} 行里没有找到表头(一行列名,如“姓名、日期、时长”)。请在数据上方加一行列名。"
    en = "No header row (column names) was found in the first {limit} rows. Add one above the data."


class TextNotWritable(DomainError):
    code, status = "text_not_writable", 422
    zh = "第 {row} 行第 {column} 列的内容写不进表格(太长,或含有无法保存的字符)。"
    en = "Row {row}, column {column} cannot be written to a table (too long, or characters that cannot be stored)."
