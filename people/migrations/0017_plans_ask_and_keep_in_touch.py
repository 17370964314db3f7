"""Each kind of plan names what it has to know, and a plan how often somebody keeps in touch."""

from typing import Any

import governance.personal
from django.conf import settings
from django.db import migrations, models

from governance.together import Together


NEEDS = {
    "alone": ("紧急联系人", "谁有家里的钥匙", "日常起居的困难"),
    "disabled": ("需要的无障碍改造", "需要的辅助器具", "由谁照料"),
    "children": ("监护人与联系方式", "就读的学校", "由谁照料"),
    "hardship": ("主要的困难", "已享受的救助"),
    "recovery": ("本人希望的支持", "联系的医疗机构"),
    "resettling": ("住处", "就业意愿", "家庭的支持"),
}


def write(apps: Any, schema_editor: Any) -> None:
    kinds = apps.get_model("people", "SupportKind").objects.using(schema_editor.connection.alias)
    for code, names in NEEDS.items():
        kinds.filter(code=code, needs=None).update(needs="\n".join(names))


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0003_clock_and_scope"),
        ("people", "0016_plans_end_with_their_person"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="planwords",
                    name="facts",
                    field=governance.personal.EncryptedTextField(
                        blank=True, mask="hidden", null=True, verbose_name="了解的情况"
                    ),
                ),
                migrations.AddField(
                    model_name="supportkind",
                    name="needs",
                    field=models.TextField(
                        blank=True,
                        help_text="每行一项；在计划里向本人了解，加密保存，只有团队看得到。",
                        max_length=500,
                        null=True,
                        verbose_name="需要了解的情况",
                    ),
                ),
                migrations.AddField(
                    model_name="supportkindevent",
                    name="needs",
                    field=models.TextField(
                        blank=True,
                        help_text="每行一项；在计划里向本人了解，加密保存，只有团队看得到。",
                        max_length=500,
                        null=True,
                        verbose_name="需要了解的情况",
                    ),
                ),
                migrations.AddField(
                    model_name="supportplan",
                    name="contact_weeks",
                    field=models.PositiveSmallIntegerField(null=True, verbose_name="几周联系一次"),
                ),
                migrations.AddField(
                    model_name="supportplanevent",
                    name="contact_weeks",
                    field=models.PositiveSmallIntegerField(null=True, verbose_name="几周联系一次"),
                ),
                migrations.AddConstraint(
                    model_name="supportplan",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("contact_weeks", None),
                            ("contact_weeks__range", (1, 52)),
                            _connector="OR",
                        ),
                        name="support_plan_keeps_in_touch_within_a_year",
                    ),
                ),
            ]
        ),
        migrations.RunPython(write, migrations.RunPython.noop),
    ]
