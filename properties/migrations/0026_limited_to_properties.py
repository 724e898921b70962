import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('properties', '0025_row_security_planned_for'),
    ]

    operations = [
        migrations.CreateModel(
            name='InvitationProperty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name_plural': 'invitation properties',
            },
        ),
        migrations.CreateModel(
            name='MembershipProperty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name_plural': 'membership properties',
            },
        ),
        migrations.AddField(
            model_name='invitation',
            name='is_limited',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='membership',
            name='is_limited',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='teamentry',
            name='limited_to',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AlterField(
            model_name='teamentry',
            name='kind',
            field=models.CharField(choices=[('founded', 'founded'), ('invited', 'invited'), ('invited again', 'invited again'), ('invitation withdrawn', 'invitation withdrawn'), ('joined', 'joined'), ('role changed', 'role changed'), ('limit changed', 'limit changed'), ('removed', 'removed'), ('left', 'left'), ('ownership transferred', 'ownership transferred'), ('second factor required', 'second factor required'), ('second factor free', 'second factor free')], max_length=30),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('is_limited', False), ('role__in', ['staff', 'viewer']), _connector='OR'), name='owners_and_managers_are_invited_to_all_properties'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('is_limited', False), ('role__in', ['staff', 'viewer']), _connector='OR'), name='owners_and_managers_see_all_properties'),
        ),
        migrations.AddField(
            model_name='invitationproperty',
            name='invitation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='limits', to='properties.invitation'),
        ),
        migrations.AddField(
            model_name='invitationproperty',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.organization'),
        ),
        migrations.AddField(
            model_name='invitationproperty',
            name='property',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.property'),
        ),
        migrations.AddField(
            model_name='membershipproperty',
            name='membership',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='limits', to='properties.membership'),
        ),
        migrations.AddField(
            model_name='membershipproperty',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.organization'),
        ),
        migrations.AddField(
            model_name='membershipproperty',
            name='property',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='properties.property'),
        ),
        migrations.AddConstraint(
            model_name='invitationproperty',
            constraint=models.UniqueConstraint(fields=('invitation', 'property'), name='an_invitation_names_a_property_once'),
        ),
        migrations.AddConstraint(
            model_name='membershipproperty',
            constraint=models.UniqueConstraint(fields=('membership', 'property'), name='a_member_is_given_a_property_once'),
        ),
    ]
