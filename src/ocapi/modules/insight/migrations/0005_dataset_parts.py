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
    ]
