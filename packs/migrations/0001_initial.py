import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0001_initial'),
        ('organizations', '__first__'),
        ('trail', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidencePack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('status', models.CharField(default='queued', editable=False, max_length=20, verbose_name='status')),
                ('progress', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Per cent.', verbose_name='progress')),
                ('message', models.CharField(blank=True, editable=False, max_length=300, verbose_name='what it is doing')),
                ('failure', models.JSONField(default=dict, editable=False, help_text='What went wrong and what to do: the texts “what” and “remedy”.')),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('lease_token', models.CharField(blank=True, editable=False, max_length=32)),
                ('leased_until', models.DateTimeField(editable=False, null=True)),
                ('reference', models.CharField(editable=False, max_length=20, verbose_name='reference')),
                ('period_from', models.DateField(verbose_name='from')),
                ('period_to', models.DateField(verbose_name='to')),
                ('as_of', models.DateTimeField(help_text='The moment whose records go into the pack.', verbose_name='as of')),
                ('sub_clauses', models.CharField(default='abc', max_length=3, verbose_name='sub-clauses')),
                ('sites', models.JSONField(blank=True, default=list, verbose_name='sites')),
                ('samples', models.JSONField(blank=True, default=list, verbose_name='samples')),
                ('language', models.CharField(default='en', max_length=10, verbose_name='language')),
                ('seal', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.seal')),
                ('requested_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_at', models.DateTimeField(auto_now_add=True, verbose_name='asked for')),
                ('steps', models.JSONField(default=dict, editable=False)),
                ('digest', models.CharField(blank=True, editable=False, max_length=64, verbose_name='SHA-256')),
                ('size', models.PositiveBigIntegerField(editable=False, null=True, verbose_name='size')),
                ('contents', models.JSONField(default=dict, editable=False)),
                ('stored_at', models.DateTimeField(editable=False, null=True, verbose_name='stored')),
            ],
            options={
                'verbose_name': 'evidence pack',
                'verbose_name_plural': 'evidence packs',
                'ordering': ('-requested_at', '-pk'),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['organization', 'status'], name='evidencepack_status')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'reference'), name='pack_reference_once'), models.CheckConstraint(condition=models.Q(('period_to__gte', models.F('period_from'))), name='pack_period_in_order', violation_error_message='The period ends before it begins.')],
            },
        ),
        migrations.CreateModel(
            name='PackPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('status', models.CharField(default='queued', editable=False, max_length=20, verbose_name='status')),
                ('progress', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Per cent.', verbose_name='progress')),
                ('message', models.CharField(blank=True, editable=False, max_length=300, verbose_name='what it is doing')),
                ('failure', models.JSONField(default=dict, editable=False, help_text='What went wrong and what to do: the texts “what” and “remedy”.')),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('lease_token', models.CharField(blank=True, editable=False, max_length=32)),
                ('leased_until', models.DateTimeField(editable=False, null=True)),
                ('pack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='packs.evidencepack')),
                ('number', models.PositiveIntegerField(help_text='Parts are begun in this order.')),
                ('task', models.JSONField()),
            ],
            options={
                'ordering': ('number',),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['organization', 'status'], name='packpart_status')],
                'constraints': [models.UniqueConstraint(fields=('pack', 'number'), name='pack_part_once')],
            },
        ),
    ]
