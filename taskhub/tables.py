"""Every table of TaskHub, for migrations and for the test that both agree."""

from taskhub.comments import model as _comments
from taskhub.dashboards import model as _dashboards
from taskhub.db import metadata
from taskhub.events import model as _events
from taskhub.imports import model as _imports
from taskhub.invites import model as _invites
from taskhub.live import model as _live
from taskhub.notifications import model as _notifications
from taskhub.people import model as _people
from taskhub.projects import model as _projects
from taskhub.tasks import model as _tasks
from taskhub.workflow import model as _workflow

__all__ = ["metadata"]

_MODELS = (
    _people,
    _projects,
    _workflow,
    _tasks,
    _comments,
    _events,
    _imports,
    _invites,
    _live,
    _dashboards,
    _notifications,
)
