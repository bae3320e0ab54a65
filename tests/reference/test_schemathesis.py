"""What schemathesis makes of the OpenAPI document, sent to a real server: every answer is one that the document has.

No 5xx, and nothing that the document does not say: statuses, content types, headers, the members of answers. What the
document calls invalid is refused. The suite sends every boundary that schemathesis finds in the document and a few
random requests; on PostgreSQL only those boundaries that the document allows, as by then nothing else gets as far as
the database. `FUZZ_EXAMPLES=200 FUZZ_SEED=3 pytest tests/reference/test_schemathesis.py` sends that many to each route,
valid and invalid, by another seed, and everything to both databases.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok

from tests.clients import Client, MakeClient
from tests.live.following import credentials
from tests.serving import Server

FEW = 2
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", FEW))
SEED = int(os.environ.get("FUZZ_SEED", "1"))

CONFIG = {
    "request-timeout": 20,
    "max-stream-events": 1,
    "generation": {"with-security-parameters": False},
    "checks": {
        # A label or a state that the project does not have is valid to the document, and refused all the same.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "410", "422", "429"]},
        # tests/test_permissions.py asks that of every route.
        "ignored_auth": {"enabled": False},
    },
}


@dataclass
class World:
    """Somebody, and a project of somebody's with a few things of each kind in it, by the names of path parameters."""

    client: Client
    things: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@pytest.fixture(params=["owner", "stranger"])
async def world(request: pytest.FixtureRequest, make_client: MakeClient) -> World:
    """A world of the test's own: the requests leave nothing whole."""
    owner, member = await make_client(), await make_client()
    found = World(owner if request.param == "owner" else await make_client())
    key = f"W{member.user['id'][:8].upper()}"

    async def make(path: str, **body: Any) -> dict[str, Any]:
        answer = await owner.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    await make("projects", key=key, name="Web")
    await make(f"projects/{key}/members", email=member.email)
    found.things |= {"key": [key], "user_id": [member.user["id"], owner.user["id"]]}
    for number in range(8):
        ref = (await make(f"projects/{key}/tasks", title="A task"))["ref"]
        found.things["ref"].append(ref)
        found.things["comment_id"].append((await make(f"tasks/{ref}/comments", body="Hm"))["id"])
        label = await make(f"projects/{key}/labels", name=f"Label {number}", color="red")
        found.things["label_id"].append(label["id"])
    return found


def test_every_answer_is_in_the_document(server: Server, world: World) -> None:
    document = requests.get(f"{server.url}/api/v1/openapi.json", timeout=20).json()
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))
    schema.config.update(base_url=server.url)
    chance = random.Random(SEED)
    failures: dict[str, str] = {}
    seen: Counter[int] = Counter()
    everything = server.database.kind == "sqlite" or EXAMPLES > FEW
    modes = list(GenerationMode) if everything else [GenerationMode.POSITIVE]
    session = requests.Session()
    session.trust_env = False
    session.headers.update({**credentials(world.client), "Origin": server.url})
    # What takes things away, and last of all what ends the session, after all that needs them.
    operations = sorted(
        (found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)),
        key=lambda one: (one.path.endswith("/logout"), one.method == "delete", -len(one.path)),
    )
    for operation in operations:
        for case in (*boundaries(schema, operation, modes), *examples(operation)):
            for name in case.path_parameters:
                if world.things.get(name) and chance.random() < 0.9:
                    case.path_parameters[name] = chance.choice(world.things[name])
            try:
                seen[case.call_and_validate(session=session).status_code] += 1
            except (Failure, FailureGroup) as error:
                for one in getattr(error, "exceptions", [error]):
                    what = f"{operation.label}: {one.title}: {one.message[:500]}"
                    failures.setdefault(what, case.as_curl_command()[:1000])
    print(f"schemathesis: {seen.total()} answers: {dict(seen)}")
    assert failures == {}
    assert seen[200] > 30
    assert seen[422] > 100 or not everything


def boundaries(schema: Any, operation: Any, modes: list[GenerationMode]) -> Iterator[Case[Any]]:
    """The cases at and beyond every bound that the document names, the same ones each time."""
    config = schema.config.generation
    yield from schema.iter_coverage_cases(operation, generation_modes=modes, generation_config=config)


def examples(operation: Any) -> Iterator[Case[Any]]:
    """Random requests that the document allows, and that it does not; of what has more than names in its path."""
    if not operation.body and not operation.query:
        return
    cases: list[Case[Any]] = []
    for mode in GenerationMode:

        @seed(SEED)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def collect(case: Case[Any]) -> None:
            cases.append(case)

        # There may be nothing that is invalid.
        with contextlib.suppress(Unsatisfiable):
            collect()
    yield from cases
