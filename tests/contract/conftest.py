from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.site import Desk, Site


@pytest.hookimpl(tryfirst=True)  # before xdist reads the group
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker takes all of this folder, so that one server is started for it."""
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("contract"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One started server for all tests of the folder."""
    made = Site(tmp_path_factory.mktemp("contract"))
    yield made
    made.close()


@pytest.fixture(scope="session", params=["live", "test"])
def desk(request: pytest.FixtureRequest, site: Site) -> Desk:
    """A customer's desk, in live and in test mode."""
    return site.desk(request.param)


@pytest.fixture(scope="session")
def live(site: Site) -> Desk:
    return site.desk("live")
