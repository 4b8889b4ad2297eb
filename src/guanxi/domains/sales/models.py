"""The record classes of the domain, for Django to find."""

from guanxi.domains.sales.competitor import Competitor
from guanxi.domains.sales.lead import Lead
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.domains.sales.opportunity_competitor import OpportunityCompetitor
from guanxi.domains.sales.opportunity_line import OpportunityLine
from guanxi.domains.sales.opportunity_role import OpportunityRole
from guanxi.domains.sales.pipeline import Pipeline
from guanxi.domains.sales.stage import Stage
from guanxi.domains.sales.stage_change import StageChange

__all__ = [
    "Competitor",
    "Lead",
    "Opportunity",
    "OpportunityCompetitor",
    "OpportunityLine",
    "OpportunityRole",
    "Pipeline",
    "Stage",
    "StageChange",
]
