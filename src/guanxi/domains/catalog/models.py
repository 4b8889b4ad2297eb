"""The record classes of the domain, for Django to find."""

from guanxi.domains.catalog.category import ProductCategory
from guanxi.domains.catalog.product import Product

__all__ = ["Product", "ProductCategory"]
