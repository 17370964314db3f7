"""The kinds of support plans to begin with; an installation changes them in the admin."""

from typing import Any

from django.db import migrations

OLD_AGE = "老年人权益保障法 第三十八条"
KINDS = (
    ("alone", "独居老人", "Elderly living alone", "定期看望，紧急时有人可找", OLD_AGE, 3),
    ("disabled", "残疾人", "Disabled people", "无障碍改造、康复与照料的衔接", "残疾人保障法 第四条", 6),
    ("children", "留守儿童", "Children left behind", "看望、学业与监护的支持", "未成年人保护法 第四十三条", 3),
    ("hardship", "生活困难", "Low income", "申请救助、就业推荐", "社会救助暂行办法 第三条", 6),
    ("recovery", "社区康复", "In recovery", "按本人意愿的康复支持", "精神卫生法 第五十五条；禁毒法 第四十八条", 3),
    ("resettling", "安置帮教", "Resettling after release", "安置、就业与家庭关系的支持", "监狱法 第三十七条", 3),
)  # fmt: skip


def write(apps: Any, schema_editor: Any) -> None:
    kind = apps.get_model("people", "SupportKind")
    for code, name, name_en, purpose, basis, months in KINDS:
        values = {
            "name": name, "name_en": name_en, "purpose": purpose, "basis": basis,
            "review_months": months, "lasts_months": 12,
        }  # fmt: skip
        kind.objects.using(schema_editor.connection.alias).create(code=code, **values)


class Migration(migrations.Migration):
    replaces = [("people", "0005_support_kinds")]
    dependencies = [("people", "0002_walls")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
