"""``guanxi journal``: how far consumers are, and a new era."""

from __future__ import annotations

import pytest

from guanxi.journal import dispatcher, era
from guanxi.journal.models import Delivery, Entry
from guanxi.project import cli
from tests.journal.following import Collecting, departments, following

pytestmark = pytest.mark.django_db


def test_status_shows_the_lag_and_fails_on_dead_letters(capsys: pytest.CaptureFixture[str]) -> None:
    with following(Collecting()):
        departments(3)
        assert cli.main(["journal", "status"]) == 0
        line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("collecting"))
        assert line.split()[1] == "3"
        letter = dispatcher.delivery("collecting", "", Entry.objects.latest("id"))
        letter.status = Delivery.DEAD
        letter.save()
        assert cli.main(["journal", "status"]) == 1


def test_a_new_era_is_written_into_every_later_entry(capsys: pytest.CaptureFixture[str]) -> None:
    departments(1)
    assert cli.main(["journal", "new-era"]) == 0
    assert "Era 2" in capsys.readouterr().out
    departments(1)
    assert Entry.objects.latest("id").era == era.current() == 2
