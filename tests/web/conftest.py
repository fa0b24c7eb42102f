from testsite.driving import browser

__all__ = ["browser"]
