"""The HTML pages."""

from taskhub.pages.views import bp

__all__ = ["bp"]
