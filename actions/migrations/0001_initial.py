import django.db.models.deletion
import registers.tags
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from organizations.migrating import together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0001_initial'),
        ('organizations', '__first__'),
    ]

    operations = together([
        migrations.CreateModel(
            name='Action',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(editable=False, max_length=20, verbose_name='reference')),
                ('external_id', models.CharField(blank=True, help_text="The row's id where it comes from. Importing it again updates this row.", max_length=200, verbose_name='external id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('revision', models.PositiveIntegerField(default=1, editable=False)),
                ('archived_at', models.DateTimeField(editable=False, null=True, verbose_name='archived')),
                ('archive_reason', models.TextField(blank=True, editable=False, verbose_name='reason for archiving')),
                ('title', models.CharField(max_length=300, verbose_name='action')),
                ('kind', models.CharField(choices=[('correction', 'Correction'), ('corrective', 'Corrective action'), ('preventive', 'Preventive action'), ('improvement', 'Improvement')], default='corrective', max_length=12, verbose_name='kind')),
                ('status', models.CharField(choices=[('planned', 'Planned'), ('under_way', 'Under way'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='planned', max_length=12, verbose_name='status')),
                ('origin', models.CharField(blank=True, help_text='The reference of a row, like RSK-0004 or CHK-0012.', max_length=20, verbose_name='arises from')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('cause', models.TextField(blank=True, help_text='For corrective actions: what made it happen.', verbose_name='cause')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='due')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='done')),
                ('process', models.CharField(blank=True, help_text='The process of the management system that it becomes part of.', max_length=200, verbose_name='built into process')),
                ('escalated_on', models.DateField(blank=True, help_text='The day top management was told that it is late.', null=True, verbose_name='escalated')),
                ('escalation', models.TextField(blank=True, help_text='Who was told, and what was decided.', verbose_name='escalation')),
                ('waiting_days', models.PositiveIntegerField(default=30, help_text='Days after it is done before its effectiveness can be judged.', verbose_name='waiting time')),
                ('archived_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.site', verbose_name='site')),
                ('custom', models.JSONField(default=dict, editable=False, verbose_name='custom fields')),
                ('tags', registers.tags.TagsField(blank=True, default='', max_length=500, verbose_name='tags')),
            ],
            options={
                'verbose_name': 'action',
                'verbose_name_plural': 'actions',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('archived_at', None)), fields=['organization', '-id'], name='action_current'), models.Index(fields=['organization', 'origin'], name='action_origin'), models.Index(condition=models.Q(('tags', ''), _negated=True), fields=['organization', 'tags'], name='action_tagged'), models.Index(condition=models.Q(('archived_at', None)), fields=['organization', 'title', 'id'], name='action_by_title_4dd8e1'), models.Index(condition=models.Q(('archived_at', None)), fields=['organization', 'status', 'id'], name='action_by_status_5bf1eb'), models.Index(condition=models.Q(('archived_at', None)), fields=['organization', 'kind', 'id'], name='action_by_kind_354c35'), models.Index(condition=models.Q(('archived_at', None)), fields=['organization', 'due_on', 'id'], name='action_by_due_on_8747bc')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'reference'), name='action_reference_once'), models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('organization', 'external_id'), name='action_external_id_once', violation_error_message='Another row has this external id.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'done'), _negated=True), ('done_on__isnull', False), _connector='OR'), name='action_done_has_a_day', violation_error_message='Say on which day it was done.')],
            },
        ),
        migrations.CreateModel(
            name='EffectivenessCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('checked_on', models.DateField(verbose_name='checked on')),
                ('verdict', models.CharField(choices=[('effective', 'Effective'), ('partly', 'Partly effective'), ('not', 'Not effective')], max_length=10, verbose_name='verdict')),
                ('evidence', models.TextField(help_text='What shows it.', verbose_name='evidence')),
                ('action', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='effectiveness_checks', to='actions.action', verbose_name='action')),
                ('checker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked by')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'effectiveness check',
                'verbose_name_plural': 'effectiveness checks',
                'ordering': ('-checked_on', '-pk'),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='HistoricalAction',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('history_change_reason', models.TextField(blank=True, default='')),
                ('reference', models.CharField(editable=False, max_length=20, verbose_name='reference')),
                ('external_id', models.CharField(blank=True, help_text="The row's id where it comes from. Importing it again updates this row.", max_length=200, verbose_name='external id')),
                ('created_at', models.DateTimeField(blank=True, editable=False, verbose_name='created')),
                ('changed_at', models.DateTimeField(blank=True, editable=False, verbose_name='changed')),
                ('revision', models.PositiveIntegerField(default=1, editable=False)),
                ('archived_at', models.DateTimeField(editable=False, null=True, verbose_name='archived')),
                ('archive_reason', models.TextField(blank=True, editable=False, verbose_name='reason for archiving')),
                ('title', models.CharField(max_length=300, verbose_name='action')),
                ('kind', models.CharField(choices=[('correction', 'Correction'), ('corrective', 'Corrective action'), ('preventive', 'Preventive action'), ('improvement', 'Improvement')], default='corrective', max_length=12, verbose_name='kind')),
                ('status', models.CharField(choices=[('planned', 'Planned'), ('under_way', 'Under way'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='planned', max_length=12, verbose_name='status')),
                ('origin', models.CharField(blank=True, help_text='The reference of a row, like RSK-0004 or CHK-0012.', max_length=20, verbose_name='arises from')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('cause', models.TextField(blank=True, help_text='For corrective actions: what made it happen.', verbose_name='cause')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='due')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='done')),
                ('process', models.CharField(blank=True, help_text='The process of the management system that it becomes part of.', max_length=200, verbose_name='built into process')),
                ('escalated_on', models.DateField(blank=True, help_text='The day top management was told that it is late.', null=True, verbose_name='escalated')),
                ('escalation', models.TextField(blank=True, help_text='Who was told, and what was decided.', verbose_name='escalation')),
                ('waiting_days', models.PositiveIntegerField(default=30, help_text='Days after it is done before its effectiveness can be judged.', verbose_name='waiting time')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('archived_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='organizations.organization')),
                ('owner', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('site', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='organizations.site', verbose_name='site')),
                ('custom', models.JSONField(default=dict, editable=False, verbose_name='custom fields')),
                ('tags', registers.tags.TagsField(blank=True, default='', max_length=500, verbose_name='tags')),
            ],
            options={
                'verbose_name': 'historical action',
                'verbose_name_plural': 'historical actions',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [models.Index(fields=['organization', 'id'], name='action_past')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalEffectivenessCheck',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('history_change_reason', models.TextField(blank=True, default='')),
                ('checked_on', models.DateField(verbose_name='checked on')),
                ('verdict', models.CharField(choices=[('effective', 'Effective'), ('partly', 'Partly effective'), ('not', 'Not effective')], max_length=10, verbose_name='verdict')),
                ('evidence', models.TextField(help_text='What shows it.', verbose_name='evidence')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('action', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='actions.action', verbose_name='action')),
                ('checker', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked by')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'historical effectiveness check',
                'verbose_name_plural': 'historical effectiveness checks',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [models.Index(fields=['organization', 'id'], name='effectivenesscheck_past')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ])
