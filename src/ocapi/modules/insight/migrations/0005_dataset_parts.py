from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('insight', '0004_outlines_and_writers'),
    ]

    operations = [
        migrations.AddField(
            model_name='datasetversionrow',
            name='parts',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='queryrow',
            name='columns',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='queryrow',
            name='is_offered',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='queryrow',
            name='shown_as',
            field=models.CharField(default='table', max_length=10),
        ),
    ]
