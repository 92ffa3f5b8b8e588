from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('capture', '0005_seenrow_noted_on'),
    ]

    operations = [
        migrations.AddField(
            model_name='partrow',
            name='members',
            field=models.CharField(blank=True, default='', max_length=2100),
        ),
    ]
