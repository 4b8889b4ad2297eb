"""The record classes of the domain, for Django to find."""

from guanxi.domains.customers.account import Account
from guanxi.domains.customers.affiliation import Affiliation
from guanxi.domains.customers.contact import Contact
from guanxi.domains.customers.tag import Tag

__all__ = ["Account", "Affiliation", "Contact", "Tag"]
