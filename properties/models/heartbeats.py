"""The one row that says whether the ticks are carried out."""

from django.db import models

THE_ONE = 1


class Heartbeat(models.Model):
    """When a worker last carried out a tick. One row for the whole installation, of no organization."""

    ticked_at = models.DateTimeField()
    # the oldest work that nobody did in time although the ticks ran; null while all is done in time
    work_waits_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=THE_ONE), name="there_is_one_heartbeat"),
        ]

    def __str__(self) -> str:
        return f"Heartbeat {self.pk}"
