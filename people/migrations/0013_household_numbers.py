"""What a file calls a household in its house, where several live there."""

from django.db import migrations, models

from governance.together import Together


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0003_clock_and_scope"),
        ("grids", "0004_imports_forgotten"),
        ("people", "0012_entity_imports"),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="household",
                    name="number",
                    field=models.CharField(
                        blank=True, max_length=20, null=True, verbose_name="户号"
                    ),
                ),
                migrations.AddField(
                    model_name="householdevent",
                    name="number",
                    field=models.CharField(
                        blank=True, max_length=20, null=True, verbose_name="户号"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="household",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)),
                        fields=("house", "number"),
                        name="household_once_a_number",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="household",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        name="household_number_says_something",
                    ),
                ),
            ]
        ),
    ]
