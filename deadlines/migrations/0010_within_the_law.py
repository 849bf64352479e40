from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """No limit is longer than a statute allows. Not checked of rows that are there already: one that was entered too
    long is withdrawn or changed by whoever reads it, and is no reason why CAIT cannot start."""

    dependencies = [("deadlines", "0009_withdrawals")]

    operations = [
        AddConstraintNotValid(
            model_name="limit",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("rule", "S46-END"), _negated=True), ("value__lte", 72), _connector="OR"),
                name="deadlines_limit_within_the_law",
                violation_error_message="The law says 72 hours at most (Children Act 1989, s46(6)).",
            ),
        ),
    ]
