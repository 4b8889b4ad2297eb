"""Tables of what is kept for how long."""

from __future__ import annotations

from django.db import models


class RetentionPolicy(models.Model):
    """The company's choice, in one row, and how far the field history has been thinned."""

    recycle_bin_days = models.IntegerField(default=30)
    """Records are removed for good so many days after they were deleted; 0 keeps them."""
    history_months = models.IntegerField(default=0)
    """The field history is kept whole for so many months; 0 keeps it for ever."""
    thinned_to = models.BigIntegerField(default=0)
    """Entries of the journal up to this id have been thinned."""


class ThinnedChangeSet(models.Model):
    """A change set whose entries are no longer all there, or no longer say only what it did: it cannot be undone."""

    change_set = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
