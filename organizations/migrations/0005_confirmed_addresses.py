from django.conf import settings
from django.db import migrations, models


def confirm_addresses(apps, schema_editor):
    """Take the addresses under which people were entered or invited for confirmed, as from now on."""
    addresses = apps.get_model("account", "EmailAddress").objects
    for user in apps.get_model("organizations", "User").objects.all():
        addresses.filter(user_id=user.pk, email__iexact=user.email).delete()
        addresses.filter(user_id=user.pk, primary=True).update(primary=False)
        addresses.create(user_id=user.pk, email=user.email.lower(), verified=True, primary=True)


class Migration(migrations.Migration):

    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("organizations", "0004_grades_of_gaps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(confirm_addresses, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(condition=~models.Q(email=""), name="person_has_an_address"),
        ),
    ]
