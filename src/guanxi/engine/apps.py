"""Django application of the engine."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    """The engine."""

    name = "guanxi.engine"
    label = "engine"

    def ready(self) -> None:
        """Lend the query language to the sharing rules, a layer below."""
        from guanxi.access import sharing
        from guanxi.engine.sharing import QueryLines

        sharing.use(QueryLines())
