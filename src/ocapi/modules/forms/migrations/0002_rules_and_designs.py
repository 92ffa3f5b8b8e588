from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('forms', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DesignRow',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('uuid', models.UUIDField(editable=False, unique=True)),
                ('code', models.CharField(max_length=60, unique=True)),
                ('base', models.CharField(max_length=20)),
                ('definition', models.JSONField()),
                ('revision', models.BigIntegerField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'forms_design',
            },
        ),
        migrations.AddField(
            model_name='formrow',
            name='origin',
            field=models.CharField(default='pack', max_length=10),
        ),
        migrations.AddField(
            model_name='formrow',
            name='sha256',
            field=models.CharField(default='', max_length=64),
        ),
        migrations.AddField(
            model_name='submissionrow',
            name='facts',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='submissionrow',
            name='form_sha256',
            field=models.CharField(default='', max_length=64),
        ),
    ]
