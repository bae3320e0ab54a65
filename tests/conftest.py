"""What all tests share. Each fixture's docstring says what it gives (`pytest --fixtures` lists them).

- tests/needs.py: `require(what)`, and the ban on skips under TEST_REQUIRE=all
- tests/order.py: the order of the files where several processes share them
- tests/databases.py: `database`, `fresh_database`, `database_url`, `make_database`, on SQLite and PostgreSQL
- tests/postgres.py: `postgres_server`
- tests/serving.py: `server`, `serve`
- tests/clients.py: `make_client`, `make_client_on`
- tests/teams.py: `team`, `strict_team`, `shared_server`, `second_server`, `people`, `contract`
- tests/browser_store.py: `browser_store`
- tests/chromium.py: `browser`, `context`, `new_context`
- tests/figures.py: `report`

Fixtures and tests that are coroutines all run on one event loop, the session's.
"""

from __future__ import annotations

pytest_plugins = [
    "tests.needs",
    "tests.order",
    "tests.postgres",
    "tests.databases",
    "tests.serving",
    "tests.clients",
    "tests.teams",
    "tests.browser_store",
    "tests.chromium",
    "tests.figures",
]
