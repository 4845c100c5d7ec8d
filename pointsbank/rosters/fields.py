"""The columns a roster may have, and the names people give them. One row a person; the head's relation is 户主.

    >>> next(field.name for field in FIELDS if "与户主关系" in field.synonyms)
    'relation'
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from pointsbank.imports.fields import Field

FIELDS: tuple[Field, ...] = (
    Field("village", _("村(社区)"), ("村(社区)", "村", "社区", "行政村", "所在村", "村名")),
    Field("household", _("户号"), ("户号", "户编号", "家庭编号", "积分户号"), required=True, example="H001"),
    Field("name", _("姓名"), ("姓名", "成员姓名", "家庭成员"), required=True, example="(示例行,请改成您村的人)"),
    Field("relation", _("与户主关系"), ("与户主关系", "关系", "家庭关系"), example="户主"),
    Field("group", _("组别"), ("组别", "村民组", "小组", "组"), example="1"),
    Field("phone", _("电话"), ("电话", "手机号", "联系电话", "手机"), example="13800000000"),
    Field("id_no", _("证件号"), ("证件号", "身份证号", "身份证", "公民身份号码"), example=""),
    Field("born_on", _("出生日期"), ("出生日期", "出生年月日", "生日"), example="1968-05-12"),
    Field("guardian", _("监护人(已签同意书)"), ("监护人(已签同意书)", "监护人", "同意书签字人"), example=""),
    Field("tag", _("标签(敏感)"), ("标签(敏感)", "标签", "家庭类别"), example=""),
)
WANTED = {field.name: field.synonyms for field in FIELDS}
BY_NAME = {field.name: field for field in FIELDS}
HEAD = "户主"
