"""The work of the night: one job each for the recycle bin and for the field history."""

from __future__ import annotations

from guanxi.access.actor import Actor
from guanxi.engine import jobs
from guanxi.engine.job import UNFINISHED, Job
from guanxi.engine.retention import emptying, policy, thinning
from guanxi.kernel.labels import Label

TITLES = {
    emptying.KIND: Label("Emptying the recycle bin", "清空回收站"),
    thinning.KIND: Label("Thinning the field history", "精简字段历史"),
}


def start() -> None:
    """Start the jobs in the name of the program."""
    begin(Actor.program())


def begin(actor: Actor) -> list[Job]:
    """Start whichever has something to do by the policy and is not under way."""
    held = policy.values()
    wanted = {emptying.KIND: held["recycle_bin_days"], thinning.KIND: held["history_months"]}
    under_way = set(Job.objects.filter(kind__in=wanted, status__in=UNFINISHED).values_list("kind", flat=True))
    return [
        jobs.start(actor, kind, {}, TITLES[kind]) for kind, chosen in wanted.items() if chosen and kind not in under_way
    ]


def latest() -> list[Job]:
    """The last run of each, for the page of the policy."""
    found = [Job.objects.filter(kind=kind).order_by("-pk").first() for kind in TITLES]
    return [job for job in found if job is not None]
