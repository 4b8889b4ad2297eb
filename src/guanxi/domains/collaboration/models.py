"""The record classes of the domain, for Django to find."""

from guanxi.domains.collaboration.activity import Activity
from guanxi.domains.collaboration.task import Task

__all__ = ["Activity", "Task"]
