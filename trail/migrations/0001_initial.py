import django.core.validators
import django.db.models.deletion
import simple_history.models
import trail.models
import trail.writing
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
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=trail.writing.written_at, editable=False, verbose_name='at')),
                ('verb', models.CharField(max_length=60, verbose_name='what')),
                ('subject', models.CharField(blank=True, max_length=120, verbose_name='subject')),
                ('data', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'ordering': ('-at', '-pk'),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['organization', 'subject', '-at'], name='trail_event_subject')],
            },
        ),
        migrations.CreateModel(
            name='HeadRecipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Who it is, and where they belong.', max_length=120, verbose_name='name')),
                ('email', models.EmailField(max_length=254, verbose_name='mail address')),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='added')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'recipient of signed heads',
                'verbose_name_plural': 'recipients of signed heads',
                'ordering': ('name', 'pk'),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('organization', 'email'), name='head_recipient_once', violation_error_message='This address gets them already.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalHeadRecipient',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('history_change_reason', models.TextField(blank=True, default='')),
                ('name', models.CharField(help_text='Who it is, and where they belong.', max_length=120, verbose_name='name')),
                ('email', models.EmailField(max_length=254, verbose_name='mail address')),
                ('added_at', models.DateTimeField(blank=True, editable=False, verbose_name='added')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'historical recipient of signed heads',
                'verbose_name_plural': 'historical recipients of signed heads',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [models.Index(fields=['organization', 'id'], name='headrecipient_past')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalMembership',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('role', models.CharField(choices=[('quality_manager', 'Quality manager'), ('contributor', 'Contributor'), ('top_management', 'Top management'), ('auditor', 'Auditor'), ('administrator', 'Administrator')], max_length=20, verbose_name='role')),
                ('job_title', models.CharField(blank=True, max_length=120, verbose_name='job title')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('valid_until', models.DateField(blank=True, help_text='The last day of access. Empty: no end.', null=True, verbose_name='valid until')),
                ('history_change_reason', models.TextField(blank=True, default='')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='organizations.organization')),
                ('user', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('sites', models.JSONField(blank=True, default=list, verbose_name='sites')),
                ('sub_clauses', models.CharField(blank=True, default='', max_length=3, verbose_name='sub-clauses')),
                ('ended_at', models.DateTimeField(editable=False, help_text='Access was ended at this moment, before its last day was over.', null=True, verbose_name='ended at')),
            ],
            options={
                'verbose_name': 'historical membership',
                'verbose_name_plural': 'historical memberships',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalOrganization',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('slug', models.SlugField(db_index=False, help_text="Part of every page's address; can't be changed later.", max_length=40, verbose_name='address')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('scope_statement', models.TextField(blank=True, help_text='What the quality management system covers (clause 4.3).', verbose_name='scope statement')),
                ('edition', models.CharField(choices=[('2015', 'ISO 9001:2015 with Amendment 1:2024'), ('2026', 'ISO 9001:2026')], default='2026', max_length=4, verbose_name='edition of the standard')),
                ('time_zone', models.CharField(default='UTC', max_length=40, verbose_name='time zone')),
                ('language', models.CharField(default='en', max_length=10, verbose_name='language of reports')),
                ('created_at', models.DateTimeField(blank=True, editable=False, verbose_name='created at')),
                ('history_change_reason', models.TextField(blank=True, default='')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical organization',
                'verbose_name_plural': 'historical organizations',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalSite',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('code', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('^[\\w.-]+$')], verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                ('history_change_reason', models.TextField(blank=True, default='')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'historical site',
                'verbose_name_plural': 'historical sites',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [models.Index(fields=['organization', 'id'], name='site_past')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalTargets',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID')),
                ('effective_from', models.DateField(verbose_name='in force from')),
                ('review_days', models.PositiveIntegerField(default=365, help_text='Days between reviews, where a row sets none of its own.', verbose_name='review interval')),
                ('check_days', models.PositiveIntegerField(default=180, help_text='Days between conformity checks, where a requirement sets none.', verbose_name='check interval')),
                ('acknowledgement_days', models.PositiveIntegerField(default=14, verbose_name='days to acknowledge')),
                ('assessment_days', models.PositiveIntegerField(default=365, help_text='Days between assessments of a risk or opportunity.', verbose_name='assessment interval')),
                ('conformity_target', models.DecimalField(decimal_places=2, default=95, help_text='Per cent of the checks of the last twelve months.', max_digits=5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='conformity target')),
                ('soon_days', models.PositiveIntegerField(default=14, help_text='Days before a date at which it counts as due soon.', verbose_name='early warning')),
                ('minimum_answers', models.PositiveIntegerField(default=30, help_text='Below this many answers a score is not judged.', verbose_name='fewest answers')),
                ('satisfaction_target', models.DecimalField(decimal_places=2, default=75, help_text="Per cent of the scale's width, averaged over answers.", max_digits=5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='satisfaction target')),
                ('complaint_acknowledge_days', models.PositiveIntegerField(default=2, help_text='Days.', verbose_name='acknowledge complaints within')),
                ('complaint_answer_days', models.PositiveIntegerField(default=10, help_text='Days.', verbose_name='answer complaints within')),
                ('complaint_close_days', models.PositiveIntegerField(default=30, help_text='Days.', verbose_name='close complaints within')),
                ('history_change_reason', models.TextField(blank=True, default='')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField()),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='organizations.organization')),
                ('sign_off_days', models.PositiveIntegerField(default=30, help_text="Days after a period's end.", verbose_name='sign off within')),
                ('signers_required', models.PositiveSmallIntegerField(default=1, help_text='How many different people of top management sign off a period.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='signers of a sign-off')),
            ],
            options={
                'verbose_name': 'historical targets',
                'verbose_name_plural': 'historical targets',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [models.Index(fields=['organization', 'id'], name='targets_past')],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Leaf',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('index', models.PositiveBigIntegerField()),
                ('source', models.CharField(max_length=63)),
                ('key', models.BigIntegerField()),
                ('hash', trail.models.HashField(max_length=32)),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'ordering': ('index',),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('organization', 'index'), name='leaf_index_once'), models.UniqueConstraint(fields=('organization', 'source', 'key'), name='leaf_once_a_row')],
            },
        ),
        migrations.CreateModel(
            name='Position',
            fields=[
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='organizations.organization')),
                ('number', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(verbose_name='number')),
                ('size', models.PositiveBigIntegerField(verbose_name='leaves')),
                ('root', trail.models.HashField(max_length=32)),
                ('previous_size', models.PositiveBigIntegerField()),
                ('previous_root', trail.models.HashField(max_length=32)),
                ('sealed_at', models.DateTimeField(verbose_name='sealed at')),
                ('purpose', models.CharField(choices=[('schedule', 'schedule'), ('sign-off', 'sign-off'), ('pack', 'evidence pack'), ('mail', 'mail')], max_length=10, verbose_name='made for')),
                ('note', models.TextField()),
                ('frontier', models.TextField()),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'seal',
                'verbose_name_plural': 'seals',
                'ordering': ('-number',),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='seal_number_once')],
                'indexes': [models.Index(fields=['organization', 'size'], name='seal_by_size')],
            },
        ),
    ])
