"""The ASGI application, for a bare `uvicorn asgi:app` and for the Procfile; `taskhub serve` does the same and more."""

import sys

from taskhub.app import asgi_application
from taskhub.config import SettingError

try:
    app = asgi_application()
except SettingError as error:
    sys.exit(str(error))
