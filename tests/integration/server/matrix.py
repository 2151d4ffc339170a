"""Route x role x workspace, walked from the application's own router.

Whoever wires more routers gives a sample id for each path parameter (``samples``), all of one workspace and, where they
belong to a project, of projects that ``actors`` were added to; and, for routes that check inside their transaction
(``gate.ticket``), a body that holds (``bodies``). ``find_holes`` returns one sentence for each hole; none is the aim.

What is refused must be refused before anything happens, so refusals are tried over HTTP on every route. What is allowed
is tried over HTTP where it changes nothing; writes are tried at the gate itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi.routing import APIRoute

from goldsmith.accounts.api import Access, Role
from goldsmith.accounts.gate import AllowLater, Guard, KeyHolder, MemberGuard, Public, hash_secret
from goldsmith.accounts.types import Credential
from goldsmith.core.errors import GoldsmithError
from goldsmith.platform.database import Sql, Transaction
from goldsmith.server.application import stated_guard
from tests.integration.server.house import Browser, House

Samples = Mapping[str, str]
Bodies = Mapping[tuple[str, str], Any]
"""By method and path template, such as ``("POST", "/api/v1/leases/{judgement_id}/submit")``."""

_AWAY = "192.0.2.7"
"""Not on the machine itself, whose callers may read metrics."""
_SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Actor:
    """Somebody who tries each route."""

    name: str
    browser: Browser
    role: Role | None
    """In the workspace of the samples; None for whoever is not in it."""
    key: str | None = None


@dataclass(frozen=True)
class Actors:
    """All who try."""

    members: list[Actor]
    """One of each role, in the projects of the samples."""
    strangers: list[Actor]
    """Good credentials of another workspace, as owner and as annotator, by key and by session."""
    nobodies: list[Actor]
    """No credential, and all kinds that are good no more."""
    careless: Actor
    """The owner's session without the CSRF token."""
    outsider: Actor
    """An annotator of the workspace who was added to no project."""


def make_actors(house: House, owner: Access) -> tuple[Actors, list[Access]]:
    """Make everybody; also returns the members, for whoever adds them to the samples' projects."""
    members, accesses = [], []
    for role in Role:
        access = house.add_person(owner.workspace_id, f"matrix-{role}@example.org", role)
        key = house.key_of(access)
        members.append(Actor(f"{role} by key", house.client(key=key, address=_AWAY), role, key))
        accesses.append(access)
    other = house.add_workspace("matrix-stranger@example.org", name="Elsewhere")
    helper = house.add_person(other.workspace_id, "matrix-helper@example.org", Role.ANNOTATOR)
    strangers = [
        Actor("another workspace's owner by key", house.client(key=house.key_of(other), address=_AWAY), None),
        Actor(
            "another workspace's owner by session",
            house.sign_in("matrix-stranger@example.org", address=_AWAY),
            None,
        ),
        Actor(
            "another workspace's annotator by key",
            house.client(key=house.key_of(helper), address=_AWAY),
            None,
        ),
    ]
    careless = house.sign_in("matrix-owner@example.org", address=_AWAY)
    del careless.headers["X-CSRF-Token"]
    outsider = house.add_person(owner.workspace_id, "matrix-outsider@example.org", Role.ANNOTATOR)
    actors = Actors(
        members=members,
        strangers=strangers,
        nobodies=_make_nobodies(house, owner),
        careless=Actor("owner's session without CSRF token", careless, Role.OWNER),
        outsider=Actor(
            "annotator outside the project",
            house.client(key=house.key_of(outsider), address=_AWAY),
            Role.ANNOTATOR,
        ),
    )
    return actors, accesses


def _make_nobodies(house: House, owner: Access) -> list[Actor]:
    past = house.add_person(owner.workspace_id, "matrix-removed@example.org", Role.OWNER)
    removed_key, revoked_key, expired_key = (house.key_of(who) for who in (past, owner, owner))
    logged_out = house.sign_in("matrix-owner@example.org", address=_AWAY)
    cookie = logged_out.cookies["goldsmith_session"]
    logged_out.post("/api/v1/auth/logout")
    logged_out.cookies.set("goldsmith_session", cookie)

    def end(tx: Transaction) -> None:
        ends = "UPDATE api_keys SET {} = 1 WHERE key_hash = :hash"
        tx.run(Sql(ends.format("revoked_ms")), {"hash": hash_secret(revoked_key)})
        tx.run(Sql(ends.format("expires_ms")), {"hash": hash_secret(expired_key)})
        tx.run(Sql("UPDATE members SET removed_ms = 1 WHERE member_id = :id"), {"id": past.member_id})

    house.write(end)
    forged = house.client(address=_AWAY)
    forged.cookies.set("goldsmith_session", "A" * 43)
    return [
        Actor("nobody", house.client(address=_AWAY), None),
        Actor("a revoked key", house.client(key=revoked_key, address=_AWAY), None),
        Actor("an expired key", house.client(key=expired_key, address=_AWAY), None),
        Actor("a removed member's key", house.client(key=removed_key, address=_AWAY), None),
        Actor("an unknown key", house.client(key="gsk_" + "x" * 43, address=_AWAY), None),
        Actor("a revoked session", logged_out, None),
        Actor("a forged session", forged, None),
    ]


def find_holes(house: House, actors: Actors, *, samples: Samples, bodies: Bodies) -> list[str]:
    """Try everything; return a sentence for each hole."""
    return [
        hole
        for route in house.application.api_routes()
        for hole in _holes_of(house, actors, route, samples, bodies)
    ]


def _holes_of(
    house: House, actors: Actors, route: APIRoute, samples: Samples, bodies: Bodies
) -> Iterator[str]:
    guard = stated_guard(route)
    if isinstance(guard, Public):
        return
    missing = [name for name in route.param_convertors if name not in samples and name in house.gate.scopes]
    if missing:
        yield f"{route.path}: there is no sample for {missing}"
        return
    path = route.path_format.format(**{name: samples.get(name, "unknown") for name in route.param_convertors})
    for method in sorted(route.methods or ()):
        request = _Request(f"{method} {route.path}", method, path, bodies.get((method, route.path_format)))
        takes_body = route.body_field is not None or "requestBody" in (route.openapi_extra or {})
        if isinstance(guard, AllowLater) and takes_body and request.body is None:
            yield f"{request.name}: it checks inside its transaction; give a body that holds"
            continue
        yield from _refused(request, actors.nobodies, 401)
        if isinstance(guard, KeyHolder):
            yield from _key_holes(house, actors, guard, request)
            continue
        if isinstance(guard, MemberGuard):
            yield from _member_holes(house, actors, guard, request, samples, route)
        if method not in _SAFE:
            yield from _refused(request, [actors.careless], 403)


@dataclass(frozen=True)
class _Request:
    name: str
    method: str
    path: str
    body: Any


def _refused(request: _Request, who: list[Actor], status: int) -> Iterator[str]:
    for actor in who:
        answer = actor.browser.request(request.method, request.path, json=request.body)
        if answer.status_code != status:
            yield f"{request.name}: {actor.name} gets {answer.status_code} instead of {status}: {answer.text[:200]}"


def _key_holes(house: House, actors: Actors, guard: KeyHolder, request: _Request) -> Iterator[str]:
    """Routes of other protocols: keys alone, each in its own workspace; a role too low is told in their words."""
    yield from _refused(request, [actors.careless], 401)
    for actor in actors.members:
        assert actor.role is not None and actor.key is not None
        credential = Credential("key", hash_secret(actor.key), None, request.method)
        if not actor.role.allows(guard.at_least):
            answer = actor.browser.request(request.method, request.path, json=request.body)
            if answer.status_code not in (401, 403):
                yield f"{request.name}: {actor.name} gets {answer.status_code} instead of 401 or 403"
            continue
        try:
            house.read(partial(house.gate.hold_key, credential=credential, at_least=guard.at_least))
        except GoldsmithError as error:
            yield f"{request.name}: {actor.name} is refused at the gate: {error.detail}"
        if request.method in _SAFE:
            yield from _answered(request, actor)


def _member_holes(
    house: House, actors: Actors, guard: MemberGuard, request: _Request, samples: Samples, route: APIRoute
) -> Iterator[str]:
    yield from _refused(request, actors.strangers, 404)
    low = [
        actor for actor in actors.members if actor.role is not None and not actor.role.allows(guard.at_least)
    ]
    yield from _refused(request, low, 403)
    for actor in actors.members:
        if actor in low:
            continue
        parameter = next(name for name in route.param_convertors if name in house.gate.scopes)
        found = _try_gate(house, guard, actor, request, parameter, samples[parameter])
        if isinstance(found, str):
            yield f"{request.name}: {actor.name} is refused at the gate: {found}"
        elif found.project_id is not None and actor.role is Role.OWNER:
            yield from _refused(request, [actors.outsider], 404)
        if request.method in _SAFE:
            yield from _answered(request, actor)


def _answered(request: _Request, actor: Actor) -> Iterator[str]:
    answer = actor.browser.request(request.method, request.path)
    if answer.status_code in (401, 403) or answer.status_code >= 500:
        yield f"{request.name}: {actor.name} gets {answer.status_code}: {answer.text[:200]}"


def _try_gate(
    house: House, guard: Guard, actor: Actor, request: _Request, parameter: str, value: str
) -> Access | str:
    assert actor.key is not None
    assert guard.at_least is not None
    credential, at_least = Credential("key", hash_secret(actor.key), None, request.method), guard.at_least

    def operation(tx: Transaction) -> Access:
        return house.gate.authorize(tx, credential, at_least=at_least, parameter=parameter, value=value)

    try:
        access: Access = house.read(operation)
    except GoldsmithError as error:
        return error.detail
    return access
