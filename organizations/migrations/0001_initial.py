import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='mail address')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Organization',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text="Part of every page's address; can't be changed later.", max_length=40, unique=True, verbose_name='address')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('scope_statement', models.TextField(blank=True, help_text='What the quality management system covers (clause 4.3).', verbose_name='scope statement')),
                ('edition', models.CharField(choices=[('2015', 'ISO 9001:2015 with Amendment 1:2024'), ('2026', 'ISO 9001:2026')], default='2026', max_length=4, verbose_name='edition of the standard')),
                ('time_zone', models.CharField(default='UTC', max_length=40, verbose_name='time zone')),
                ('language', models.CharField(default='en', max_length=10, verbose_name='language of reports')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
            ],
            options={
                'verbose_name': 'organization',
                'verbose_name_plural': 'organizations',
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sub_clauses', models.CharField(blank=True, default='', max_length=3, verbose_name='sub-clauses')),
                ('sites', models.JSONField(blank=True, default=list, verbose_name='sites')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='organizations.organization')),
                ('user', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('role', models.CharField(choices=[('quality_manager', 'Quality manager'), ('contributor', 'Contributor'), ('top_management', 'Top management'), ('auditor', 'Auditor'), ('administrator', 'Administrator')], max_length=20, verbose_name='role')),
                ('job_title', models.CharField(blank=True, max_length=120, verbose_name='job title')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('valid_until', models.DateField(blank=True, help_text='The last day of access. Empty: no end.', null=True, verbose_name='valid until')),
                ('ended_at', models.DateTimeField(editable=False, help_text='Access was ended at this moment, before its last day was over.', null=True, verbose_name='ended at')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
                'ordering': ('user__name', 'role', 'pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gte', models.F('valid_from')), _connector='OR'), name='membership_ends_after_it_begins', violation_error_message='The last day lies before the first.'), models.CheckConstraint(condition=models.Q(models.Q(('role', 'auditor'), _negated=True), ('valid_until__isnull', False), _connector='OR'), name='membership_of_auditor_ends', violation_error_message="An auditor's access needs a last day."), models.CheckConstraint(condition=models.Q(('role', 'auditor'), ('sub_clauses', ''), _connector='OR'), name='membership_of_auditors_confined', violation_error_message="Only an auditor's access is confined to sub-clauses.")],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sub_clauses', models.CharField(blank=True, default='', max_length=3, verbose_name='sub-clauses')),
                ('sites', models.JSONField(blank=True, default=list, verbose_name='sites')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='organizations.organization')),
                ('email', models.EmailField(max_length=254, verbose_name='mail address')),
                ('role', models.CharField(choices=[('quality_manager', 'Quality manager'), ('contributor', 'Contributor'), ('top_management', 'Top management'), ('auditor', 'Auditor'), ('administrator', 'Administrator')], max_length=20, verbose_name='role')),
                ('job_title', models.CharField(blank=True, max_length=120, verbose_name='job title')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('valid_until', models.DateField(blank=True, help_text="The last day of access; an auditor's access needs one.", null=True, verbose_name='valid until')),
                ('invited_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_at', models.DateTimeField(auto_now_add=True)),
                ('sent_at', models.DateTimeField(editable=False, null=True)),
                ('failure', models.CharField(blank=True, editable=False, max_length=300)),
                ('accepted_at', models.DateTimeField(editable=False, null=True)),
                ('withdrawn_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'ordering': ('-invited_at',),
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('code', models.CharField(max_length=20, validators=[django.core.validators.RegexValidator('^[\\w.-]+$')], verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
            ],
            options={
                'verbose_name': 'site',
                'verbose_name_plural': 'sites',
                'ordering': ('code',),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('organization', 'code'), name='site_code_once')],
            },
        ),
        migrations.CreateModel(
            name='Targets',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
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
                ('signers_required', models.PositiveSmallIntegerField(default=1, help_text='How many different people of top management sign off a period.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='signers of a sign-off')),
                ('sign_off_days', models.PositiveIntegerField(default=30, help_text="Days after a period's end.", verbose_name='sign off within')),
            ],
            options={
                'verbose_name': 'targets',
                'verbose_name_plural': 'targets',
                'ordering': ('-effective_from',),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('organization', 'effective_from'), name='targets_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('key', models.CharField(editable=False, max_length=200)),
                ('to', models.EmailField(max_length=254, verbose_name='to')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('text', models.TextField(verbose_name='text')),
                ('attachments', models.JSONField(default=dict)),
                ('queued_at', models.DateTimeField(auto_now_add=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
                ('failure', models.CharField(blank=True, max_length=300, verbose_name='failure')),
            ],
            options={
                'verbose_name': 'mail',
                'verbose_name_plural': 'mails',
                'ordering': ('-queued_at', '-pk'),
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='mail_once')],
            },
        ),
    ]
