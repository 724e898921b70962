"""What a block asked of the database."""

from django.test.utils import CaptureQueriesContext

from properties.postgresql.base import TELLS_ITSELF


def asked(made: CaptureQueriesContext) -> list[str]:
    """Its statements, but for telling whose rows may be seen: that depends on what was told before."""
    return [query["sql"] for query in made.captured_queries if not query["sql"].startswith(TELLS_ITSELF)]
