"""The versioned documents of a project: ontology, instructions, workflow, quality policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from goldsmith.accounts.api import Access
from goldsmith.core.errors import FieldFault, InvalidInputError, NotFoundError, VersionConflictError
from goldsmith.core.ontology import Ontology
from goldsmith.platform.database import Transaction
from goldsmith.projects import store
from goldsmith.projects.policy import LabelUpgrader, check_change, may_touch_labels
from goldsmith.projects.service.foundation import Foundation
from goldsmith.projects.types import (
    Aspect,
    Migration,
    MigrationReport,
    OntologyUse,
    ProjectSetup,
    QualityPolicy,
    Version,
    Workflow,
)

Document = TypeVar("Document", Workflow, QualityPolicy)


class Documents(Foundation):
    """Reads and changes documents; every change is a new version."""

    def get_setup(self, tx: Transaction, project_id: str) -> ProjectSetup:
        """Return the project with its newest documents by one statement; NotFoundError when absent."""
        found = store.find_setup(tx, project_id)
        if found is None:
            raise NotFoundError("there is no such project")
        project, ontology, workflow, quality = found
        return ProjectSetup(
            project, self._ontology_of(ontology), self._workflow_of(workflow), self._quality_of(quality)
        )

    def get_ontology(self, tx: Transaction, project_id: str, version: int | None = None) -> Ontology:
        """Return a version of the ontology, the newest by default; NotFoundError when there is none."""
        return self._ontology_of(self._body(tx, project_id, Aspect.ONTOLOGY, version)[1])

    def get_workflow(self, tx: Transaction, project_id: str, version: int | None = None) -> Workflow:
        """Return a version of the workflow, the newest by default; NotFoundError when there is none."""
        return self._workflow_of(self._body(tx, project_id, Aspect.WORKFLOW, version)[1])

    def get_quality_policy(
        self, tx: Transaction, project_id: str, version: int | None = None
    ) -> QualityPolicy:
        """Return a version of the quality policy, the newest by default; NotFoundError when there is none."""
        return self._quality_of(self._body(tx, project_id, Aspect.QUALITY, version)[1])

    def get_instructions(self, tx: Transaction, project_id: str, version: int | None = None) -> str:
        """Return a version of the instructions (Markdown), the newest by default; NotFoundError when there is none."""
        return self._body(tx, project_id, Aspect.INSTRUCTIONS, version)[1]

    def get_document(
        self, tx: Transaction, project_id: str, aspect: Aspect, version: int | None = None
    ) -> tuple[int, str]:
        """Return (version, text) of a document, the newest by default; NotFoundError when there is none."""
        return self._body(tx, project_id, aspect, version)

    def get_examples(self, tx: Transaction, project_id: str, version: int | None = None) -> list[str]:
        """Return the examples of a version of the instructions, the newest by default; NotFoundError when absent."""
        found = store.find_examples(tx, project_id=project_id, version=version)
        if found is None:
            raise NotFoundError("there is no such version of the instructions")
        return found

    def was_example_published(self, tx: Transaction, project_id: str, example_id: str) -> bool:
        """Say whether any version of the instructions has an example."""
        return store.was_published(tx, project_id=project_id, example_id=example_id)

    def get_upgrader(self, tx: Transaction, project_id: str) -> LabelUpgrader:
        """Return what reads labels of any ontology version of the project in its newest one, by one statement."""
        steps = store.list_ontology_steps(tx, project_id)
        if not steps:
            raise NotFoundError("there is no such project")
        return LabelUpgrader(
            [(self._ontology_of(body), Migration.model_validate_json(migration)) for body, migration in steps]
        )

    def list_versions(
        self, tx: Transaction, project_id: str, *, before: tuple[int, str, int] | None, limit: int
    ) -> list[Version]:
        """Return versions of all documents, newest first, from after the (time, aspect, version) ``before``."""
        return store.list_versions(tx, project_id=project_id, before=before, limit=limit)

    def check_ontology(
        self, tx: Transaction, project_id: str, *, ontology: Ontology, migration: Migration | None = None
    ) -> MigrationReport:
        """Tell what changing to ``ontology`` would mean for the labels in force; nothing is changed."""
        return self._check(tx, project_id, self.get_ontology(tx, project_id), ontology, migration)

    def put_ontology(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        *,
        ontology: Ontology,
        note: str = "",
        migration: Migration | None = None,
        base_version: int | None = None,
    ) -> int:
        """Make ``ontology`` the newest version and return its number; an equal one makes no version.

        Args:
            tx: The transaction.
            access: Who changes it.
            project_id: The project.
            ontology: The new one, whole.
            note: Why, for people.
            migration: How labels in force read from then on, where the change breaks them.
            base_version: The version the change was made on; None skips the check for a change meanwhile.

        Raises:
            VersionConflictError: ``base_version`` is no longer the newest.
            InvalidInputError: The change breaks labels in force and the migration leaves findings open.
        """
        version, body = self._body(tx, project_id, Aspect.ONTOLOGY, None)
        _require_base(version, base_version, Aspect.ONTOLOGY)
        before = self._ontology_of(body)
        if before == ontology:
            return version
        report = self._check(tx, project_id, before, ontology, migration)
        if report.faults:
            raise InvalidInputError(
                "labels in force do not survive this change; say in the migration how they read from now on",
                faults=[FieldFault(fault.where, fault.what) for fault in report.faults],
            )
        return self._append(
            tx,
            access,
            project_id,
            Aspect.ONTOLOGY,
            version=version + 1,
            body=ontology.model_dump_json(),
            note=note,
            migration=(migration or Migration()).model_dump_json(),
        )

    def put_instructions(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        *,
        instructions: str,
        examples: Sequence[str] | None = None,
        note: str = "",
        base_version: int | None = None,
    ) -> int:
        """Make ``instructions`` (Markdown) the newest version and return its number; see ``put_ontology``.

        Args:
            tx: The transaction.
            access: Who changes it.
            project_id: The project.
            instructions: The text, whole.
            examples: Ids of the examples that stand with it, in their order; None keeps those of the version before.
            note: Why, for people.
            base_version: See ``put_ontology``.

        Raises:
            VersionConflictError: ``base_version`` is no longer the newest.
            InvalidInputError: The project has no such example, or one is named twice.
        """
        version, body = self._body(tx, project_id, Aspect.INSTRUCTIONS, None)
        _require_base(version, base_version, Aspect.INSTRUCTIONS)
        standing = self.get_examples(tx, project_id, version)
        wanted = standing if examples is None else list(examples)
        if wanted != standing:
            known = self._example_book().known_examples(tx, project_id=project_id, example_ids=wanted)
            if len(known) != len(wanted):
                raise InvalidInputError(
                    "the project has no such example, or one is named twice",
                    faults=[FieldFault("examples", entry) for entry in wanted if entry not in known],
                )
        if body == instructions and wanted == standing:
            return version
        return self._append(
            tx,
            access,
            project_id,
            Aspect.INSTRUCTIONS,
            version=version + 1,
            body=instructions,
            note=note,
            examples=wanted,
        )

    def put_workflow(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        *,
        workflow: Workflow,
        note: str = "",
        base_version: int | None = None,
    ) -> int:
        """Make ``workflow`` the newest version and return its number; see ``put_ontology``."""
        number, before = self._replace(
            tx,
            access,
            project_id,
            Aspect.WORKFLOW,
            after=workflow,
            read=self._workflow_of,
            note=note,
            base_version=base_version,
        )
        if before is not None:
            self._work_control().on_workflow_changed(tx, project_id=project_id, before=before, after=workflow)
        return number

    def put_quality_policy(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        *,
        policy: QualityPolicy,
        note: str = "",
        base_version: int | None = None,
    ) -> int:
        """Make ``policy`` the newest version and return its number; see ``put_ontology``."""
        number, before = self._replace(
            tx,
            access,
            project_id,
            Aspect.QUALITY,
            after=policy,
            read=self._quality_of,
            note=note,
            base_version=base_version,
        )
        if before is not None:
            self._work_control().on_quality_changed(tx, project_id=project_id, before=before, after=policy)
        return number

    def _check(
        self,
        tx: Transaction,
        project_id: str,
        before: Ontology,
        after: Ontology,
        migration: Migration | None,
    ) -> MigrationReport:
        use = OntologyUse()
        if may_touch_labels(before, after):
            use = self._label_usage().count_label_use(tx, project_id=project_id)
        return check_change(before, after, use=use, migration=migration)

    def _replace(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        aspect: Aspect,
        *,
        after: Document,
        read: Callable[[str], Document],
        note: str,
        base_version: int | None,
    ) -> tuple[int, Document | None]:
        """Make a document the newest version; return its number and what it took the place of, None for the same."""
        version, body = self._body(tx, project_id, aspect, None)
        _require_base(version, base_version, aspect)
        before = read(body)
        if before == after:
            return version, None
        number = self._append(
            tx, access, project_id, aspect, version=version + 1, body=after.model_dump_json(), note=note
        )
        return number, before

    def _append(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        aspect: Aspect,
        *,
        version: int,
        body: str,
        note: str,
        migration: str = "{}",
        examples: Sequence[str] = (),
    ) -> int:
        if not store.raise_version(tx, project_id=project_id, aspect=aspect, version=version):
            raise VersionConflictError(
                f"the {aspect} was changed meanwhile; load it again and repeat the change"
            )
        row = Version(
            aspect=aspect,
            version=version,
            note=note,
            created_by=access.member_id,
            created_ms=self.machine.clock.now_ms(),
        )
        store.insert_version(
            tx, project_id=project_id, version=row, body=body, migration=migration, examples=examples
        )
        detail = {"version": version, "note": note}
        self._record(tx, access, action=f"{aspect}.changed", target=project_id, detail=detail)
        return version

    def _body(self, tx: Transaction, project_id: str, aspect: Aspect, version: int | None) -> tuple[int, str]:
        found = store.find_body(tx, project_id=project_id, aspect=aspect, version=version)
        if found is None:
            raise NotFoundError(f"there is no such version of the {aspect}")
        return found


def _require_base(version: int, base_version: int | None, aspect: Aspect) -> None:
    if base_version is not None and base_version != version:
        raise VersionConflictError(
            f"the {aspect} is at version {version}, not {base_version}; load it again and repeat the change"
        )
