"""What a constraint refuses, it says in a sentence; the database keeps it as it is."""

from django.db import migrations, models

from governance.together import Together


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0006_constraints_say_why"),
        ("grids", "0004_imports_forgotten"),
    ]

    operations = [
        Together(
            [
                migrations.AlterConstraint(
                    model_name="address",
                    name="address_point_is_on_earth",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lat", None), ("lon", None)),
                            models.Q(
                                ("lat__gte", -90),
                                ("lat__lte", 90),
                                ("lon__gte", -180),
                                ("lon__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="address_point_is_on_earth",
                        violation_error_message="经度、纬度须同时填写，且在地球上。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="building",
                    name="building_point_is_on_earth",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lat", None), ("lon", None)),
                            models.Q(
                                ("lat__gte", -90),
                                ("lat__lte", 90),
                                ("lon__gte", -180),
                                ("lon__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="building_point_is_on_earth",
                        violation_error_message="经度、纬度须同时填写，且在地球上。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="building",
                    name="building_code_is_unique",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("code", ""), _negated=True),
                        fields=("code",),
                        name="building_code_is_unique",
                        violation_error_message="该编号已用于另一栋楼。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="building",
                    name="building_once_an_estate",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("is_active", True)),
                        fields=("community", "estate", "name"),
                        name="building_once_an_estate",
                        nulls_distinct=False,
                        violation_error_message="该小区已有同名楼栋。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="facility",
                    name="facility_point_is_on_earth",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lat", None), ("lon", None)),
                            models.Q(
                                ("lat__gte", -90),
                                ("lat__lte", 90),
                                ("lon__gte", -180),
                                ("lon__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="facility_point_is_on_earth",
                        violation_error_message="经度、纬度须同时填写，且在地球上。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="facility",
                    name="facility_has_a_point",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("lon__isnull", False)),
                        name="facility_has_a_point",
                        violation_error_message="请填写经度和纬度。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="grid",
                    name="grid_boundary_is_a_multipolygon",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("boundary__contains", {"type": "MultiPolygon"})),
                        name="grid_boundary_is_a_multipolygon",
                        violation_error_message="边界应为面（MultiPolygon）。",
                    ),
                ),
                migrations.AlterConstraint(
                    model_name="seat",
                    name="seat_is_on_earth",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("lat__gte", -90),
                            ("lat__lte", 90),
                            ("lon__gte", -180),
                            ("lon__lte", 180),
                        ),
                        name="seat_is_on_earth",
                        violation_error_message="经度须在 -180 至 180 之间，纬度须在 -90 至 90 之间。",
                    ),
                ),
            ]
        )
    ]
