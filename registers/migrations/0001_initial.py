import django.db.models.deletion
import simple_history.models
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
            name='HistoricalCustomField',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('history_change_reason', models.TextField(blank=True, default='')),
                ('register', models.CharField(editable=False, max_length=40)),
                ('key', models.CharField(editable=False, max_length=60)),
                ('label', models.CharField(help_text='The heading in lists, forms and exports.', max_length=60, verbose_name='name')),
                ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('date', 'Date'), ('choice', 'Choice'), ('person', 'Person')], default='text', max_length=10, verbose_name='kind')),
                ('help_text', models.CharField(blank=True, help_text='A sentence under the field in forms.', max_length=200, verbose_name='explanation')),
                ('shown', models.BooleanField(default=True, help_text="Exports and the record's page show it always.", verbose_name='column in lists')),
                ('choices', models.JSONField(default=list, editable=False)),
                ('position', models.PositiveIntegerField(default=0, editable=False)),
                ('retired_at', models.DateTimeField(editable=False, null=True, verbose_name='retired')),
                ('organization', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='organizations.organization')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical custom field',
                'verbose_name_plural': 'historical custom fields',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [models.Index(fields=['organization', 'id'], name='customfield_past')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='CustomField',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('register', models.CharField(editable=False, max_length=40)),
                ('key', models.CharField(editable=False, max_length=60)),
                ('label', models.CharField(help_text='The heading in lists, forms and exports.', max_length=60, verbose_name='name')),
                ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('date', 'Date'), ('choice', 'Choice'), ('person', 'Person')], default='text', max_length=10, verbose_name='kind')),
                ('help_text', models.CharField(blank=True, help_text='A sentence under the field in forms.', max_length=200, verbose_name='explanation')),
                ('shown', models.BooleanField(default=True, help_text="Exports and the record's page show it always.", verbose_name='column in lists')),
                ('choices', models.JSONField(default=list, editable=False)),
                ('position', models.PositiveIntegerField(default=0, editable=False)),
                ('retired_at', models.DateTimeField(editable=False, null=True, verbose_name='retired')),
            ],
            options={
                'verbose_name': 'custom field',
                'verbose_name_plural': 'custom fields',
                'ordering': ('register', 'position', 'pk'),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('organization', 'register', 'key'), name='custom_field_key_once')],
            },
        ),
        migrations.CreateModel(
            name='BulkEdit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('progress', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Per cent.', verbose_name='progress')),
                ('message', models.CharField(blank=True, editable=False, max_length=300, verbose_name='what it is doing')),
                ('failure', models.JSONField(default=dict, editable=False, help_text='What went wrong and what to do: the texts “what” and “remedy”.')),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('lease_token', models.CharField(blank=True, editable=False, max_length=32)),
                ('leased_until', models.DateTimeField(editable=False, null=True)),
                ('status', models.CharField(choices=[('checking', 'Being checked'), ('ready', 'To be confirmed'), ('writing', 'Being written'), ('done', 'Written'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='checking', editable=False, max_length=20, verbose_name='status')),
                ('register', models.CharField(editable=False, max_length=40)),
                ('chosen', models.JSONField(default=dict, editable=False)),
                ('changes', models.JSONField(default=dict, editable=False)),
                ('archives', models.BooleanField(default=False, editable=False)),
                ('reason', models.TextField(blank=True, editable=False, verbose_name='reason')),
                ('found', models.JSONField(default=dict, editable=False)),
                ('requested_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_at', models.DateTimeField(auto_now_add=True, verbose_name='asked for')),
                ('finished_at', models.DateTimeField(editable=False, null=True, verbose_name='finished')),
            ],
            options={
                'verbose_name': 'change of many rows',
                'verbose_name_plural': 'changes of many rows',
                'ordering': ('-requested_at', '-pk'),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['organization', 'status'], name='bulkedit_status')],
            },
        ),
        migrations.CreateModel(
            name='ReferenceCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('prefix', models.CharField(max_length=8)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('organization', 'prefix'), name='reference_counter_once')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('register', models.CharField(editable=False, max_length=40)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('query', models.TextField(blank=True, editable=False)),
                ('owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('is_shared', models.BooleanField(default=False, help_text='Everyone who reads the register sees it among the views.', verbose_name='for everybody')),
                ('is_default', models.BooleanField(default=False, help_text='For everybody. One view of a register can be it.', verbose_name='what the list opens with')),
            ],
            options={
                'verbose_name': 'view',
                'verbose_name_plural': 'views',
                'ordering': ('name', 'pk'),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('organization', 'register', 'owner', 'name'), name='saved_view_name_once'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('organization', 'register'), name='saved_view_default_once')],
            },
        ),
    ]
