"""Jobs: work in the background with progress, cancelling, a result, and a lease that survives the death of a worker.

>>> @job("recount")
... def recount(context, account): ...
>>> start(actor, "recount", {"account": 7}, Label("Recount 7", "重新计算 7"))
"""

from guanxi.engine.jobs.context import Cancelled, Context, Interrupted, LeaseLost, stopping
from guanxi.engine.jobs.kinds import Result, job
from guanxi.engine.jobs.periodic import DAY, every
from guanxi.engine.jobs.starting import cancel, start

__all__ = [
    "DAY",
    "Cancelled",
    "Context",
    "Interrupted",
    "LeaseLost",
    "Result",
    "cancel",
    "every",
    "job",
    "start",
    "stopping",
]
