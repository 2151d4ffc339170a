"""The composition root: the one place that knows every step and wires them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter

from goldsmith.accounts import jobs as accounts_jobs
from goldsmith.accounts import routes as accounts_routes
from goldsmith.accounts import tables as accounts_tables
from goldsmith.accounts.api import Gate
from goldsmith.accounts.service import AccountsService
from goldsmith.compat.migration import tables as migration_tables
from goldsmith.compat.scale_v1 import jobs as scale_v1_jobs
from goldsmith.compat.scale_v1 import routes as scale_v1_routes
from goldsmith.compat.scale_v1 import tables as scale_v1_tables
from goldsmith.compat.scale_v1.callbacks import Callbacks
from goldsmith.compat.scale_v1.callbacks import jobs as scale_callback_jobs
from goldsmith.compat.scale_v1.callbacks import routes as scale_callback_routes
from goldsmith.compat.scale_v1.callbacks import tables as scale_callback_tables
from goldsmith.compat.scale_v1.errors import scale_form, scale_v2_form
from goldsmith.compat.scale_v1.service import ScaleService
from goldsmith.compat.scale_v1.service.foundation import Steps
from goldsmith.compat.scale_v2 import routes as scale_v2_routes
from goldsmith.compat.scale_v2.service import ScaleV2Service
from goldsmith.core.ids import Clock, Ids
from goldsmith.datasets import jobs as datasets_jobs
from goldsmith.datasets import routes as datasets_routes
from goldsmith.datasets import tables as datasets_tables
from goldsmith.datasets.api import DatasetsService
from goldsmith.evaluation import jobs as evaluation_jobs
from goldsmith.evaluation import routes as evaluation_routes
from goldsmith.evaluation import tables as evaluation_tables
from goldsmith.evaluation.api import EvaluationService
from goldsmith.items import jobs as items_jobs
from goldsmith.items import routes as items_routes
from goldsmith.items import tables as items_tables
from goldsmith.items.api import ItemsService
from goldsmith.labeling import routes as labeling_routes
from goldsmith.labeling import tables as labeling_tables
from goldsmith.labeling.api import LabelingService
from goldsmith.lineage import routes as lineage_routes
from goldsmith.lineage.api import LineageService
from goldsmith.platform import tables as platform_tables
from goldsmith.platform.database import Database, metadata, migrating
from goldsmith.platform.machine import Machine, open_machine
from goldsmith.platform.settings import Settings
from goldsmith.projects import routes as projects_routes
from goldsmith.projects import tables as projects_tables
from goldsmith.projects.api import ProjectsService
from goldsmith.quality import jobs as quality_jobs
from goldsmith.quality import routes as quality_routes
from goldsmith.quality import tables as quality_tables
from goldsmith.quality.api import QualityService
from goldsmith.server.application import Application, create_application
from goldsmith.training import jobs as training_jobs
from goldsmith.training import routes as training_routes
from goldsmith.training import tables as training_tables
from goldsmith.training.api import SuggestingService, TrainingService

TABLES: Final = (
    platform_tables,
    accounts_tables,
    projects_tables,
    items_tables,
    labeling_tables,
    quality_tables,
    datasets_tables,
    training_tables,
    evaluation_tables,
    scale_v1_tables,
    scale_callback_tables,
    migration_tables,
)
"""Importing them registers their tables with the one catalogue."""
ERROR_FORMS: Final = {"/v1/": scale_form, "/v2/": scale_v2_form}
"""How errors are told under the prefixes of other protocols."""


@dataclass(frozen=True)
class App:
    """Every step, wired.

    Attributes:
        machine: What the steps stand on.
        gate: Decides on every request.
    """

    machine: Machine
    gate: Gate
    accounts: AccountsService
    projects: ProjectsService
    items: ItemsService
    labeling: LabelingService
    quality: QualityService
    datasets: DatasetsService
    training: TrainingService
    suggesting: SuggestingService
    evaluation: EvaluationService
    lineage: LineageService
    scale: ScaleService
    routers: tuple[APIRouter, ...]

    def application(self, *, runs_jobs: bool = True) -> Application:
        """Return the ASGI application.

        Args:
            runs_jobs: Whether jobs run in this process while it serves.
        """
        return create_application(
            self.machine, self.routers, self.gate, runs_jobs=runs_jobs, error_forms=ERROR_FORMS
        )

    def close(self) -> None:
        """Finish what was accepted, then release everything."""
        self.suggesting.close()
        self.machine.close()


def migrate(database: Database) -> None:
    """Bring the schema of ``database`` to the newest version."""
    migrating.migrate(database, metadata)


def open_app(settings: Settings, *, clock: Clock | None = None, ids: Ids | None = None) -> App:
    """Open what the settings name, bring its schema up to date and wire the steps; nothing runs yet."""
    machine = open_machine(settings, clock=clock, ids=ids)
    migrate(machine.database)
    return wire(machine)


def wire(machine: Machine) -> App:
    """Build every step on a machine; each gets the ones below it, and Protocols are filled from above."""
    gate = Gate(machine.database, machine.clock)
    accounts = AccountsService(machine)
    projects = ProjectsService(machine)
    labeling = LabelingService(machine, projects)
    items = ItemsService(machine, projects)
    quality = QualityService(machine, projects, labeling)
    datasets = DatasetsService(machine, projects, quality)
    training = TrainingService(machine, datasets, labeling)
    suggesting = SuggestingService(machine, training)
    evaluation = EvaluationService(machine, datasets, training, labeling, projects)
    lineage = LineageService(machine, projects, datasets, training, evaluation)
    callbacks = Callbacks(machine)
    scale = ScaleService(machine, Steps(accounts, projects, items, labeling, quality, callbacks))
    callbacks.use_source(scale)
    labeling.use_follower(scale)
    accounts.use_roster(projects)
    projects.wire(usage=labeling, work=labeling, examples=items)
    projects.use_newcomers(scale)
    items.wire(task_maker=labeling, follower=labeling, hand=labeling)
    labeling.use_quality(quality)
    accounts_jobs.register(machine.jobs, accounts)
    items_jobs.register(machine.jobs, items)
    quality_jobs.register(machine.jobs, quality)
    datasets_jobs.register(machine.jobs, datasets)
    training_jobs.register(machine.jobs, training)
    evaluation_jobs.register(machine.jobs, evaluation)
    scale_callback_jobs.register(machine.jobs, callbacks)
    scale_v1_jobs.register(machine.jobs, scale)
    routers = (
        accounts_routes.router(accounts, gate),
        projects_routes.router(projects, gate),
        items_routes.router(items, gate),
        labeling_routes.router(labeling, gate),
        quality_routes.router(quality, gate),
        datasets_routes.router(datasets, gate),
        training_routes.router(training, suggesting, gate),
        evaluation_routes.router(evaluation, gate),
        lineage_routes.router(lineage, gate),
        scale_callback_routes.router(callbacks, gate),
        scale_v1_routes.router(scale, gate),
        scale_v2_routes.router(ScaleV2Service(scale), gate),
    )
    return App(
        machine,
        gate,
        accounts,
        projects,
        items,
        labeling,
        quality,
        datasets,
        training,
        suggesting,
        evaluation,
        lineage,
        scale,
        routers,
    )
