from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('capture', '0006_partrow_members'),
    ]

    operations = [
        migrations.AddField(
            model_name='hourrow',
            name='total_e6',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='hourrow',
            name='minimum_e6',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='hourrow',
            name='maximum_e6',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='dayrow',
            name='total_e6',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='dayrow',
            name='minimum_e6',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='dayrow',
            name='maximum_e6',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
