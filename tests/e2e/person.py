"""Somebody in a browser: the ways in, and a watch on what the browser does."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

PASSWORD: Final = "correct horse battery"
_LOCAL: Final = frozenset({"127.0.0.1"})
_OWN_SCHEMES: Final = frozenset({"data", "blob", "chrome", "chrome-extension"})
"""What is no request over a network, such as the parts of the browser's own viewer of PDF."""
_JOBS: Final = "/workspaces/{w}/jobs?limit=200"
_ASK: Final = """async ([method, path, body]) => {
  const me = await (await fetch('/api/v1/auth/me')).json();
  const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf_token};
  const address = '/api/v1' + path.replace('{w}', me.memberships[0].workspace_id);
  const answer = await fetch(address, {method, headers, body: body === null ? undefined : JSON.stringify(body)});
  const text = await answer.text();
  return [answer.status, text ? JSON.parse(text) : null];
}"""
_TELL_VIOLATIONS: Final = """document.addEventListener('securitypolicyviolation', (event) =>
  console.error('policy violated: ' + event.violatedDirective + ' ' + event.blockedURI))"""


class Person:
    """A browser context of its own: cookies, storage, tabs.

    Attributes:
        faults: What must not happen: requests to elsewhere, violations of the policy, errors on the console.
        is_server_away: Set while the server is down on purpose; failed requests are no fault then.
        expects_refusals: Set where a form is filled in wrongly on purpose; answers of 400 to 499 are no fault then.
    """

    def __init__(self, browser: Browser, url: str, *, name: str) -> None:
        self.name = name
        self.url = url
        self.email = f"{name.lower()}@example.org"
        self.faults: list[str] = []
        self.request_count = 0
        self.is_server_away = False
        self.expects_refusals = False
        self._context = browser.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True)
        self._context.set_default_timeout(30_000)
        self._context.add_init_script(_TELL_VIOLATIONS)
        self._context.on("console", self._hear)
        self._context.on("weberror", lambda error: self.faults.append(f"{name}: {error.error}"))
        self._context.on("request", self._see)
        self.page = self._context.new_page()

    def close(self) -> None:
        """Close all tabs."""
        self._context.close()

    def new_tab(self) -> Page:
        """Open another tab, which becomes the one at hand."""
        self.page = self._context.new_page()
        return self.page

    def start_over(self) -> None:
        """Close all tabs and open one that shows nothing of the product yet, still signed in."""
        for page in self._context.pages:
            page.close()
        self.faults.clear()
        self.is_server_away = False
        self.expects_refusals = False
        self.new_tab()
        self.open("/healthz")

    def open(self, path: str) -> None:
        """Go to a page of the site."""
        self.page.goto(self.url + path)

    def set_up(self, link: str, *, workspace: str) -> None:
        """Become the owner."""
        self.page.goto(link)
        self._introduce()
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_label("Workspace").fill(workspace)
        self.page.get_by_role("button", name="Create workspace").click()
        expect(self.page).to_have_url(f"{self.url}/")

    def join(self, link: str) -> None:
        """Take up an invitation."""
        self.page.goto(link)
        self._introduce()
        self.page.get_by_label("password").fill(PASSWORD)
        self.page.get_by_role("button", name="Join").click()
        expect(self.page).to_have_url(f"{self.url}/")

    def sign_in(self) -> None:
        """Sign in with the password."""
        self.open("/login")
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page).to_have_url(f"{self.url}/")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API with this person's session, for what the pages do not offer; ``{w}`` is the workspace."""
        status, answer = self.page.evaluate(_ASK, [method, path, body])
        assert status < 300, (status, answer)
        return answer

    def make_project(self, *, name: str, classes: str, overlap: int, review: str) -> str:
        """Start a project with the form; returns its id."""
        page = self.page
        self.open("/")
        page.get_by_role("button", name="New project").first.click()
        form = page.get_by_role("dialog")
        form.get_by_label("Name").fill(name)
        form.get_by_label("Classes").first.fill(classes)
        form.get_by_label("Opinions for each item").fill(str(overlap))
        form.get_by_label("Review").select_option(review)
        form.get_by_role("button", name="Create and import items").click()
        page.wait_for_url("**/projects/prj_*")
        return urlsplit(page.url).path.rsplit("/", 1)[-1]

    def import_by_form(self, project_id: str, pictures: list[Path]) -> None:
        """Bring pictures into a project with the form, and wait until they are in."""
        self.open(f"/projects/{project_id}?tab=import")
        self.page.locator("input[type=file]").first.set_input_files(pictures)
        self.page.get_by_role("button", name="Import", exact=True).click()
        expect(self.page.get_by_text("The import is done").first).to_be_visible()

    def import_pictures(self, project_id: str, pictures: list[Path]) -> None:
        """Bring pictures into a project without the form, and wait until they are in."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for picture in pictures:
                archive.write(picture, picture.name)
        answer = self.page.request.post(
            f"{self.url}/api/v1/projects/{project_id}/imports",
            headers={"X-CSRF-Token": self.ask("GET", "/auth/me")["csrf_token"]},
            multipart={
                "files": {"name": "set.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
            },
        )
        assert answer.ok, answer.text()
        self.wait_for_jobs()
        job = self.ask("GET", f"/workspaces/{{w}}/jobs/{answer.json()['job_id']}")
        assert (job["state"], job["result"]["imported"]) == ("done", len(pictures)), job

    def invite(self, email: str, *, role: str, project: str = "") -> str:
        """Invite somebody with the form, to a project where the role sees not all; returns the link."""
        self.open("/settings?tab=people")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Role", exact=True).select_option(role)
        if project:
            self.page.get_by_label(project).check()
        self.page.get_by_role("button", name="Make a link").click()
        shown = self.page.get_by_role("region", name=f"Send this link to {email}")
        return shown.locator("code").inner_text()

    def cut_version(self, *, project_id: str, dataset: str) -> None:
        """Make a dataset and cut its first version from a project, with the forms; its page is open then."""
        page = self.page
        self.open(f"/projects/{project_id}?tab=export")
        page.get_by_role("link", name="To the datasets").click()
        page.get_by_role("dialog").get_by_label("Name").fill(dataset)
        page.get_by_role("button", name="Make and cut a version").click()
        page.get_by_role("dialog", name="Cut a version").get_by_role("button", name="Cut").click()
        expect(page.get_by_role("heading", name="Datasheet")).to_be_visible()

    def download(self, link: str, *, target: Path) -> Path:
        """Follow a link to a file and keep the file."""
        with self.page.expect_download() as started:
            self.page.get_by_role("link", name=link).click()
        started.value.save_as(target)
        return target

    def wait_for_jobs(self) -> None:
        """Wait until nothing is at work behind the pages."""
        deadline_s = time.monotonic() + 60
        while any(job["state"] in {"queued", "running"} for job in self.ask("GET", _JOBS)["items"]):
            assert time.monotonic() < deadline_s, "the jobs take too long"
            time.sleep(0.05)

    def _introduce(self) -> None:
        self.page.get_by_label("Your name").fill(self.name)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        address = str(message.location.get("url"))
        is_lost = self.is_server_away and "Failed to load resource" in message.text
        asks_who_is_there = address == f"{self.url}/api/v1/auth/me" and "401" in message.text
        is_refused = self.expects_refusals and "the server responded with a status of 4" in message.text
        if not is_lost and not is_refused and not asks_who_is_there:
            self.faults.append(f"{self.name}: console: {message.text} ({address})")

    def _see(self, request: Request) -> None:
        self.request_count += 1
        address = urlsplit(request.url)
        if address.scheme not in _OWN_SCHEMES and address.hostname not in _LOCAL:
            self.faults.append(f"{self.name}: a request to {request.url}")
