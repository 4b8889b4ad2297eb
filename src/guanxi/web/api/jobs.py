"""Work in the background through the API, and what can be started there: redaction, and the rules of retention."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import jobs, write
from guanxi.engine.job import Job
from guanxi.engine.jobs import shown
from guanxi.engine.redaction import plan as plans
from guanxi.engine.redaction import run
from guanxi.engine.retention import policy
from guanxi.kernel.errors import Invalid
from guanxi.web.api.access import api
from guanxi.web.api.bodies import body_of, flag

LATEST = 100
_MOMENTS = ("created_at", "started_at", "finished_at")


@api("GET", query=("all",))
def collection(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The latest 100 jobs of the caller; with ``all=true`` those of everybody, for administrators."""
    rows = shown.of(actor, everybody=flag(request, "all"))
    return _respond({"data": [as_json(job) for job in rows[:LATEST]]})


@api("GET")
def item(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponse:
    """One job."""
    return _respond(as_json(shown.find(actor, job_id)))


@api("POST")
def cancel(request: HttpRequest, actor: Actor, job_id: int) -> HttpResponse:
    """Ask a job to stop."""
    return _respond(as_json(jobs.cancel(actor, job_id)))


@api("POST")
def redact(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """Take values out of the history of a record: at once, or (202) by a job."""
    plans.find(actor, object_key, record_id)
    body = body_of(request)
    fields, reason = body.get("fields"), body.get("reason", "")
    wrong = {key: [_("There is no such field.")] for key in set(body) - {"fields", "reason", "follow_ups", "erase"}}
    if fields is not None and not (isinstance(fields, list) and all(isinstance(key, str) for key in fields)):
        wrong["fields"] = [_("Send a list of keys of fields.")]
    if not isinstance(reason, str):
        wrong["reason"] = [_("Enter a text.")]
    for key in ("follow_ups", "erase"):
        if not isinstance(body.get(key, False), bool):
            wrong[key] = [_("Enter yes or no.")]
    if wrong:
        raise Invalid(_("Some values need attention."), wrong)
    plan = plans.make(
        actor,
        object_key,
        record_id,
        fields,
        str(reason),
        follow_ups=bool(body.get("follow_ups")),
        erase=bool(body.get("erase")),
    )
    outcome = run.run(actor, plan)
    if outcome.job is None:
        return _respond({"entries": outcome.entries, "job": None})
    response = _respond({"entries": None, "job": as_json(outcome.job)}, 202)
    response["Location"] = f"/api/v1/jobs/{outcome.job.pk}"
    return response


@api("GET", "PATCH")
def retention(request: HttpRequest, actor: Actor) -> HttpResponse:
    """How long deleted records and the field history are kept; ``PATCH`` changes the numbers sent."""
    policy.require_administrator(actor)
    if request.method == "PATCH":
        with write.change(actor, "api") as door:
            return _respond(policy.change(door, body_of(request)))
    return _respond(policy.values())


def as_json(job: Job) -> dict[str, Any]:
    """A job as the API gives it."""
    moments = {key: getattr(job, key) for key in _MOMENTS}
    return {
        "id": job.pk,
        "kind": job.kind,
        "title": {"en": job.title_en, "zh": job.title_zh},
        "status": job.status,
        "done": job.done,
        "total": job.total,
        "message": job.message or None,
        "result": job.result or None,
        "error": job.error or None,
        "cancel_requested": job.cancel_requested,
        "started_by": job.started_by_id,
        **{key: moment.isoformat().replace("+00:00", "Z") if moment else None for key, moment in moments.items()},
    }


def _respond(body: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
