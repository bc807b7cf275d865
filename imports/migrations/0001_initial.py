import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0001_initial'),
        ('organizations', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('progress', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Per cent.', verbose_name='progress')),
                ('message', models.CharField(blank=True, editable=False, max_length=300, verbose_name='what it is doing')),
                ('failure', models.JSONField(default=dict, editable=False, help_text='What went wrong and what to do: the texts “what” and “remedy”.')),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('lease_token', models.CharField(blank=True, editable=False, max_length=32)),
                ('leased_until', models.DateTimeField(editable=False, null=True)),
                ('status', models.CharField(choices=[('checking', 'Being checked'), ('ready', 'To be confirmed'), ('importing', 'Being imported'), ('done', 'Imported'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='checking', editable=False, max_length=20, verbose_name='status')),
                ('register', models.CharField(editable=False, max_length=40)),
                ('filename', models.CharField(editable=False, max_length=200, verbose_name='file')),
                ('path', models.CharField(editable=False, max_length=120)),
                ('size', models.PositiveBigIntegerField(editable=False, verbose_name='size')),
                ('sha256', models.CharField(editable=False, max_length=64, verbose_name='SHA-256')),
                ('mapping', models.JSONField(default=dict, editable=False)),
                ('skip_invalid', models.BooleanField(default=False, editable=False)),
                ('found', models.JSONField(default=dict, editable=False)),
                ('result', models.JSONField(default=dict, editable=False)),
                ('requested_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded')),
                ('finished_at', models.DateTimeField(editable=False, null=True, verbose_name='finished')),
                ('written_at', models.DateTimeField(editable=False, null=True)),
                ('undo', models.JSONField(default=dict, editable=False)),
                ('undone_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ('-requested_at', '-pk'),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['organization', 'status'], name='importjob_status')],
            },
        ),
        migrations.CreateModel(
            name='SavedMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('register', models.CharField(editable=False, max_length=40)),
                ('fingerprint', models.CharField(editable=False, max_length=64)),
                ('filename', models.CharField(editable=False, max_length=200, verbose_name='file')),
                ('mapping', models.JSONField(default=dict, editable=False)),
                ('saved_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('saved_at', models.DateTimeField(auto_now=True, verbose_name='saved')),
            ],
            options={
                'verbose_name': 'saved mapping',
                'verbose_name_plural': 'saved mappings',
                'ordering': ('-saved_at', '-pk'),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('organization', 'register', 'fingerprint'), name='saved_mapping_once')],
            },
        ),
    ]
