from django.db import migrations, models

PLACES = (
    ("objectrow", "service", "ServiceRow", "linkeddata_object_service_id_423fdf62"),
    ("versionrow", "service", "ServiceRow", "linkeddata_version_service_id_c345b069"),
    ("versionrow", "object", "ObjectRow", "linkeddata_version_object_id_5d85cbfa"),
)


def _without(model: str, name: str, to: str, index: str) -> migrations.SeparateDatabaseAndState:
    """Take an index away that another one begins with; the table is left as it is, however large."""
    column = models.ForeignKey(
        db_index=False,
        on_delete=models.deletion.PROTECT,
        related_name="+",
        to=f"linkeddata.{to.lower()}",
    )
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(f"DROP INDEX IF EXISTS {index}", migrations.RunSQL.noop)
        ],
        state_operations=[migrations.AlterField(model_name=model, name=name, field=column)],
    )


class Migration(migrations.Migration):
    dependencies = [("linkeddata", "0004_standardrow")]

    operations = [_without(*place) for place in PLACES]
