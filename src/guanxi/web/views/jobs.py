"""Work in the background: what runs, what came of it, and stopping it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.actor import Actor
from guanxi.engine import jobs
from guanxi.engine.job import UNFINISHED, Job
from guanxi.engine.jobs import shown
from guanxi.engine.labels import labels_for
from guanxi.kernel.labels import Label
from guanxi.web import rendering
from guanxi.web.numbers_in import wholes
from guanxi.web.request import Request, is_htmx, target

SIZE = 50
COLORS = {"queued": "gray", "running": "blue", "done": "green", "failed": "red", "cancelled": "orange"}


@dataclass(frozen=True)
class JobView:
    """One job as its reader sees it."""

    job: Job
    title: str
    state: str
    color: str
    by: str
    text: str
    """What came of it, or what it is doing."""
    share: int | None
    """Percent done; nothing while that is not known."""
    address: str
    unfinished: bool


@require_GET
def index(request: Request) -> HttpResponse:
    """One's own jobs, and for administrators everybody's; htmx asks again while something runs."""
    actor = request.actor
    everybody = request.GET.get("whose") == "all" and shown.sees_all(actor)
    found = list(shown.of(actor, everybody=everybody)[:SIZE])
    context = {
        "rows": views(actor, found),
        "everybody": everybody,
        "may_see_all": shown.sees_all(actor),
        "polls": any(job.status in UNFINISHED for job in found),
        "here": "jobs",
    }
    if is_htmx(request) and target(request) == "jobs":
        return rendering.fragment(request, "jobs/list.html", context)
    return rendering.page(request, "jobs/index.html", context)


@require_GET
def show(request: Request, job_id: int) -> HttpResponse:
    """One job with its result or its error."""
    actor = request.actor
    found = shown.find(actor, job_id)
    context = {"row": views(actor, [found])[0], "counts": counted(found), "here": "jobs"}
    if is_htmx(request) and target(request) == "job":
        return rendering.fragment(request, "jobs/one.html", context)
    return rendering.page(request, "jobs/show.html", context)


@require_POST
def cancel(request: Request, job_id: int) -> HttpResponse:
    """Stop a job: at once if it waits, else as soon as its present batch is through."""
    found = jobs.cancel(request.actor, job_id)
    said = _("Cancelled.") if found.status == "cancelled" else _("It stops as soon as it can.")
    return rendering.done(said, jobs=True)


@require_GET
def mark(request: Request) -> HttpResponse:
    """The sign in the top bar while a job of one's own runs; says with a toast what has ended since it was asked last."""
    actor = request.actor
    running = shown.unfinished(actor)
    ended = shown.finished_of(actor, tuple(wholes(request.GET.getlist("was"))[:20]))
    response = rendering.fragment(request, "jobs/mark.html", {"running": running, "was": was(running)})
    for job in ended:
        said = {"done": _("Done"), "failed": _("Failed"), "cancelled": _("Cancelled")}[job.status]
        title = Label(job.title_en, job.title_zh).text(actor.language)
        rendering.toast(response, f"{said}: {title}", "bad" if job.status == "failed" else "good")
    if ended:
        rendering.trigger(response, jobs=True)
    return response


def was(running: tuple[int, ...]) -> str:
    """The running jobs as the address of the sign carries them."""
    return urlencode({"was": running}, doseq=True)


def views(actor: Actor, found: list[Job]) -> list[JobView]:
    """The jobs in the words of the reader."""
    people = labels_for(actor, {"user": {job.started_by_id for job in found if job.started_by_id}})
    return [_view(actor, job, people.get(("user", job.started_by_id or 0), "")) for job in found]


def _view(actor: Actor, job: Job, by: str) -> JobView:
    result = Label(job.result.get("en", ""), job.result.get("zh", "")).text(actor.language)
    share = min(100, 100 * job.done // job.total) if job.total else None
    stopping = job.status == "running" and job.cancel_requested
    return JobView(
        job=job,
        title=Label(job.title_en, job.title_zh).text(actor.language),
        state=_("Stopping") if stopping else states()[job.status],
        color="orange" if stopping else COLORS[job.status],
        by=by if job.started_by_id else "Guanxi",
        text=job.error or result or job.message,
        share=100 if job.status == "done" else share,
        address=str(job.result.get("address", "")),
        unfinished=job.status in UNFINISHED,
    )


def states() -> dict[str, str]:
    """What a job can be, in words."""
    return {
        "queued": _("Waiting"),
        "running": _("Running"),
        "done": _("Done"),
        "failed": _("Failed"),
        "cancelled": _("Cancelled"),
    }


def counted(job: Job) -> list[tuple[str, int]]:
    """The numbers of the result, named."""
    words = {
        "removed": _("Removed"),
        "kept": _("Kept"),
        "entries": _("Entries redacted"),
        "change_sets": _("Change sets removed"),
    }
    return [(words.get(key, key), number) for key, number in job.result.get("counts", {}).items()]
