"""Django application of the engine."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    """The engine."""

    name = "guanxi.engine"
    label = "engine"

    def ready(self) -> None:
        """Lend the query language to the sharing rules, a layer below; make the kinds of jobs known; follow the journal."""
        from guanxi.access import sharing

        # Those that nothing here uses are imported because that makes their kinds of jobs known.
        from guanxi.engine.aggregates import upkeep  # noqa: F401
        from guanxi.engine.bulk import run as bulk  # noqa: F401
        from guanxi.engine.dedupe import backfill, scanning  # noqa: F401
        from guanxi.engine.importing import checking, running  # noqa: F401
        from guanxi.engine.indexing import building  # noqa: F401
        from guanxi.engine.notifications.feed import NoticeFeed
        from guanxi.engine.redaction import run  # noqa: F401
        from guanxi.engine.retention import emptying, thinning  # noqa: F401
        from guanxi.engine.search import job  # noqa: F401
        from guanxi.engine.search.feed import SearchFeed
        from guanxi.engine.sharing import QueryLines
        from guanxi.engine.undo import background  # noqa: F401
        from guanxi.journal import consumers

        sharing.use(QueryLines())
        consumers.register(SearchFeed())
        consumers.register(NoticeFeed())
