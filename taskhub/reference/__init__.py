"""The API's own documents: OpenAPI, AsyncAPI, and a page to read both."""

from taskhub.reference.views import DESCRIPTION, SECURITY_SCHEMES, bp

__all__ = ["DESCRIPTION", "SECURITY_SCHEMES", "bp"]
