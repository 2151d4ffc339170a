"""A started server with the built workbench, Chromium, and people in browsers of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from goldsmith.demo.world import World
from tests.e2e.person import Person
from tests.integration.robustness.served import Served, plain_environment

ROOT = Path(__file__).resolve().parents[2]
WORKSPACE = "Streets"
PATIENCE_MS = 30_000
SWITCHED_OFF = [
    "WebUIOmniboxAimPopup",  # the popups of the address bar are two pages of their own behind each tab,
    "WebUIOmniboxPopup",  # which nobody sees here, and which take more of the processor than most of our pages
    # of several lists Chromium takes the last one; this is Playwright's own, without what is for other browsers
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(SWITCHED_OFF)}",
]


@pytest.hookimpl(tryfirst=True)  # before xdist reads the group
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder; one worker takes all of a module, so that one server is started for it."""
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group(f"e2e {item.path.stem}"))


@pytest.fixture(scope="session")
def built_ui() -> None:
    """The workbench as of the sources; nothing is done when it is up to date."""
    if not (ROOT / "web").is_dir():
        return
    command = [sys.executable, str(ROOT / "hatch_build.py"), "build"]
    built = subprocess.run(
        command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, f"the workbench does not build:\n{built.stdout}\n{built.stderr}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium without network but loopback; its event loop ends with the module, which other tests need."""
    path = os.environ.get("GOLDSMITH_TEST_CHROMIUM") or shutil.which("chromium") or ""
    if not path:
        told = "Chromium is not installed; run make system-deps"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(built_ui: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A fresh installation that serves, for all tests of a module; each makes a project of its own."""
    served = Served(tmp_path_factory.mktemp("site"))
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def _founder(chromium: Any, site: Served) -> Iterator[Person]:
    """The owner, made by the link that the server printed."""
    person = Person(chromium, site.url, name="Ada")
    person.set_up(site.setup_link, workspace=WORKSPACE)
    yield person
    person.close()


@pytest.fixture
def owner(_founder: Person) -> Iterator[Person]:
    """The owner with a fresh tab, whose browser may not have reached out, complained or failed at the end."""
    _founder.start_over()
    yield _founder
    assert not _founder.faults, _founder.faults


@pytest.fixture
def add_person(chromium: Any, site: Served) -> Iterator[Callable[[str], Person]]:
    """Gives somebody a browser, under the same watch as the owner's."""
    people: list[Person] = []

    def add(name: str) -> Person:
        people.append(Person(chromium, site.url, name=name))
        return people[-1]

    yield add
    for person in people:
        person.close()
    faults = [fault for person in people for fault in person.faults]
    assert not faults, faults


@pytest.fixture(scope="session")
def streets(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A few generated pictures of streets, as files."""
    folder = tmp_path_factory.mktemp("streets")
    paths = []
    for picture in World(11).generate(6):
        paths.append(folder / picture.name)
        paths[-1].write_bytes(picture.image_bytes)
    return paths
