import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import properties.encryption
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('properties', '0002_row_security'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name='Guest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('email', models.EmailField(max_length=254)),
                ('language', models.CharField(default='en', max_length=5)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.organization')),
            ],
        ),
        migrations.CreateModel(
            name='Stay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('booked_at', models.DateTimeField()),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('booked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('guest', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stays', to='access.guest')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.organization')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stays', to='properties.unit')),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('access_ready', 'access_ready'), ('access_changed', 'access_changed')], max_length=20)),
                ('revision', models.PositiveIntegerField()),
                ('written_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.organization')),
                ('stay', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='access.stay')),
            ],
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('keypad code', 'keypad code'), ('app invite', 'app invite')], max_length=12)),
                ('label', models.CharField(max_length=20, unique=True)),
                ('is_wanted', models.BooleanField(default=True)),
                ('code', properties.encryption.EncryptedTextField(blank=True)),
                ('code_digest', models.CharField(blank=True, max_length=64)),
                ('allowed_from', models.DateTimeField()),
                ('allowed_until', models.DateTimeField()),
                ('generation', models.PositiveIntegerField(default=1)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('asked_step', models.CharField(blank=True, max_length=10)),
                ('asked_generation', models.PositiveIntegerField(default=0)),
                ('authorization_id', models.CharField(blank=True, max_length=24)),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('listed_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, choices=[('no keypad', 'no keypad'), ('keypad refuses', 'keypad refuses'), ('code taken', 'code taken'), ('refused', 'refused'), ('lock gone', 'lock gone')], max_length=20)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('door', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='grants', to='properties.door')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.organization')),
                ('smart_lock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='properties.smartlock')),
                ('stay', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='access.stay')),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('stay booked', 'stay booked'), ('stay changed', 'stay changed'), ('stay cancelled', 'stay cancelled'), ('code drawn anew', 'code drawn anew'), ('code revealed', 'code revealed'), ('write intended', 'write intended'), ('write answered', 'write answered'), ('confirmed', 'confirmed'), ('drifted', 'drifted'), ('closed', 'closed'), ('message sent', 'message sent')], max_length=20)),
                ('at', models.DateTimeField()),
                ('step', models.CharField(blank=True, max_length=10)),
                ('answer', models.CharField(blank=True, max_length=40)),
                ('by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('intent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='access.auditentry')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.organization')),
                ('grant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audit', to='access.grant')),
                ('stay', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audit', to='access.stay')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.AddIndex(
            model_name='guest',
            index=models.Index(fields=['organization', 'email'], name='guest_by_address'),
        ),
        migrations.AddIndex(
            model_name='stay',
            index=models.Index(fields=['organization', 'ends_at', 'id'], name='stays_by_end'),
        ),
        migrations.AddIndex(
            model_name='stay',
            index=models.Index(fields=['organization', 'starts_at', 'id'], name='stays_by_start'),
        ),
        migrations.AddConstraint(
            model_name='stay',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='stay_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='stay',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('cancelled_at__isnull', True)), expressions=[('unit', '='), (models.Func('starts_at', 'ends_at', function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='stays_of_a_unit_do_not_overlap'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='messages_that_are_due'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('stay', 'revision'), name='one_message_for_each_revision'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], include=('smart_lock',), name='grants_that_are_due'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['smart_lock'], name='live_grants_of_a_lock'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('allowed_until__gt', models.F('allowed_from'))), name='grant_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True), models.Q(('code_digest', ''), _negated=True)), fields=('smart_lock', 'code_digest'), name='one_live_grant_for_a_code_on_a_lock'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('stay', 'smart_lock'), name='one_live_grant_for_a_stay_on_a_lock'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), ('due_at__isnull', True), _connector='OR'), name='a_closed_grant_is_never_due'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['stay', '-at'], name='audit_of_a_stay'),
        ),
    ]
