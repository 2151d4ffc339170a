"""Models that help while people draw."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from goldsmith.accounts.api import Access, audit
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.core.geometry import Box
from goldsmith.core.ontology import Ontology
from goldsmith.items.api import ItemRecord, load_upright, records_by_id
from goldsmith.labeling.api import tasks_of_item
from goldsmith.platform.blobs import BlobStore
from goldsmith.platform.database import Transaction
from goldsmith.platform.engine import SerialEngine
from goldsmith.platform.machine import Machine
from goldsmith.platform.memory import Memory
from goldsmith.training import store as registry
from goldsmith.training.inference import Picture, detect_all, to_labelling
from goldsmith.training.service import TrainingService
from goldsmith.training.suggesting import store
from goldsmith.training.suggesting.adding import SegmenterFiles, check_segmenter
from goldsmith.training.suggesting.lane import Lane
from goldsmith.training.suggesting.segmenter import Array, Click, Embedding, Prompt, Segmented, Segmenter
from goldsmith.training.suggesting.signature import Pixels
from goldsmith.training.suggesting.types import (
    AssistantChoice,
    AssistantModel,
    Assistants,
    SegmentAnswer,
    SegmentBody,
    SuggestAnswer,
    SuggestBody,
)
from goldsmith.training.types import ModelVersionView

SEGMENTER: Final = "segmenter"
DETECTOR: Final = "onnx"
EMBEDDINGS_BYTES: Final = 128 * 1024**2
"""Cap on pictures kept as a model sees them: 32 of SAM's."""
_LOW_RES_BYTES: Final = 16 * 1024**2
_MOST_SESSIONS: Final = 2
_BOX: Final[str] = Box.model_fields["kind"].default


class _Subject(NamedTuple):
    """What a request is about."""

    version: ModelVersionView
    item: ItemRecord


class SuggestingService:
    """Models that help while people draw.

    Looking at a picture takes seconds and has one thread; answering clicks takes milliseconds and has its own.

    Args:
        machine: What the service runs on.
        training: The registry of models.
    """

    def __init__(self, machine: Machine, training: TrainingService) -> None:
        self.machine = machine
        self._training = training
        self._looking = Lane("look", threads=1, most_waiting=32)
        self._clicking = Lane("click", threads=2, most_waiting=64)
        self._segmenters: Memory[Segmenter] = Memory(most_bytes=1 << 62, most_values=_MOST_SESSIONS)
        self._embeddings: Memory[Embedding] = Memory(most_bytes=EMBEDDINGS_BYTES)
        self._low_res: Memory[Array] = Memory(most_bytes=_LOW_RES_BYTES)

    def close(self) -> None:
        """Let what runs finish."""
        self._looking.close()
        self._clicking.close()

    # --- which models there are

    def list_assistants(self, access: Access, project_id: str) -> Assistants:
        """Return the models that can help in a project; for threads outside the event loop."""
        read = self.machine.database.read_sync
        ontology = read(lambda tx: self._training.datasets.projects.get_ontology(tx, project_id))
        chosen = read(lambda tx: store.find_choice(tx, project_id))
        detectors, segmenters = read(
            lambda tx: (
                registry.newest_versions(tx, workspace_id=access.workspace_id, format_name=DETECTOR),
                registry.newest_versions(tx, workspace_id=access.workspace_id, format_name=SEGMENTER),
            )
        )
        fitting = [version for version in detectors if self._fits(version, ontology)]
        choice = AssistantChoice() if chosen is None else AssistantChoice(**dict(chosen))
        return Assistants(
            detectors=_ordered(fitting, choice.detector_model_id),
            segmenters=_ordered(segmenters, choice.segmenter_model_id),
            chosen=choice,
        )

    def choose(
        self, tx: Transaction, access: Access, *, project_id: str, body: AssistantChoice
    ) -> AssistantChoice:
        """Keep which lines of models help in a project.

        Raises:
            NotFoundError: A line is not of this workspace.
        """
        models = {model.model_id for model in registry.list_models(tx, access.workspace_id)}
        for model_id in (body.detector_model_id, body.segmenter_model_id):
            if model_id is not None and model_id not in models:
                raise NotFoundError("there is no such model here")
        now_ms = self.machine.clock.now_ms()
        row = {
            "project_id": project_id,
            **body.model_dump(),
            "changed_by": access.member_id,
            "changed_ms": now_ms,
        }
        store.choose(tx, row=row)
        audit(tx, access=access, action="project.assistants_chosen", target=project_id, at_ms=now_ms)
        return body

    def _fits(self, version: ModelVersionView, ontology: Ontology) -> bool:
        return any(self._training.classes_in(version, ontology, geometry_kind=_BOX))

    # --- bringing a segmenter in

    def add_segmenter(
        self, access: Access, *, name: str, encoder: Path, decoder: Path | None, pixels: Pixels = "auto"
    ) -> ModelVersionView:
        """Check a click-segmentation model and keep it as the next version of a line; for threads.

        Raises:
            InvalidInputError: It cannot be used; it says what is missing.
            TooLargeError: A file is over its cap.
            ConflictError: The line holds models of another kind.
        """
        card = check_segmenter(SegmenterFiles(encoder, decoder, pixels))
        blobs = self.machine.blobs
        encoder_sha = blobs.put_file(encoder).sha256
        decoder_sha = None if decoder is None else blobs.put_file(decoder).sha256
        card["decoder_sha256"] = decoder_sha

        def write(tx: Transaction) -> ModelVersionView:
            model_id = self._training.ensure_model(tx, workspace_id=access.workspace_id, name=name)
            if any(version.format != SEGMENTER for version in registry.versions_of(tx, model_id)):
                raise ConflictError(f"the model {name!r} is of another kind; give this one a name of its own")
            now_ms = self.machine.clock.now_ms()
            version_id = self.machine.ids.new("mdv")
            row = {
                "model_version_id": version_id,
                "model_id": model_id,
                "source": "imported",
                "run_id": None,
                "format": SEGMENTER,
                "weights_sha256": encoder_sha,
                "classes": "[]",
                "card": json.dumps(card),
                "created_ms": now_ms,
            }
            registry.insert_model_version(tx, row=row)
            audit(tx, access=access, action="model.segmenter_added", target=version_id, at_ms=now_ms)
            return self._training.get_model_version(tx, version_id)

        return self.machine.database.write_sync(write)

    # --- the project's own model

    async def suggest(
        self, access: Access, *, project_id: str, item_id: str, body: SuggestBody
    ) -> SuggestAnswer:
        """Return what a model sees on an item, in the project's own classes.

        Raises:
            NotFoundError: Item or model are not of this project.
            ConflictError: The model cannot be run, or there is none.
            InvalidInputError: The item is no image, or the project has no class of the model.
            LimitExceededError: Too many wait already.
        """
        version_id = body.model_version_id or await self._choice_of(access, project_id, "detectors")
        subject = await self._subject(access, project_id, item_id, version_id, format_name=DETECTOR)
        look = partial(self._detect, project_id, subject, body.score_threshold)
        return await self._looking.run(look)

    def _detect(self, project_id: str, subject: _Subject, score_threshold: float) -> SuggestAnswer:
        version, item = subject
        ontology = self.machine.database.read_sync(
            lambda tx: self._training.datasets.projects.get_ontology(tx, project_id)
        )
        classes = self._training.classes_in(version, ontology, geometry_kind=_BOX)
        if not any(classes):
            raise InvalidInputError("the project has no class of this model that may be drawn as a box")
        picture = Picture(item.item_id, self.machine.blobs.get(item.sha256))
        (found,) = detect_all(
            SerialEngine(), self._training.read_weights(version), [picture], score_threshold=score_threshold
        )
        labelling = to_labelling(found, classes=classes, width_px=item.width_px, height_px=item.height_px)
        return SuggestAnswer(model_version_id=version.model_version_id, labelling=labelling)

    # --- click segmentation

    async def segment(
        self, access: Access, *, project_id: str, item_id: str, body: SegmentBody
    ) -> SegmentAnswer:
        """Return the outline of what was clicked; without clicks only look at the picture.

        Raises:
            NotFoundError: Item or model are not of this project.
            ConflictError: There is no such model, or it does not segment.
            InvalidInputError: The item is no image, or a click lies outside of it.
            LimitExceededError: Too many wait already.
        """
        version_id = body.model_version_id or await self._choice_of(access, project_id, "segmenters")
        subject = await self._subject(access, project_id, item_id, version_id, format_name=SEGMENTER)
        prompt = _prompt_of(body, subject.item)
        key = (version_id, subject.item.sha256)
        embedding = self._embeddings.get(key)
        segmenter = self._segmenters.get(version_id)
        if embedding is None or segmenter is None:
            looked = await self._looking.run(partial(self._look, subject))
            segmenter, embedding = looked
        if prompt is None:
            return SegmentAnswer(model_version_id=version_id, mask=None, score=None)
        click = partial(self._click, key, segmenter, embedding, prompt)
        found = await self._clicking.run(click)
        return SegmentAnswer(model_version_id=version_id, mask=found.mask, score=found.score)

    def _look(self, subject: _Subject) -> tuple[Segmenter, Embedding]:
        """Open the model and look at the picture, unless one who waited before did."""
        version, item = subject
        segmenter = self._segmenters.get(version.model_version_id)
        if segmenter is None:
            segmenter = self._open(version)
            self._segmenters.put(version.model_version_id, segmenter, size_bytes=0)
        key = (version.model_version_id, item.sha256)
        embedding = self._embeddings.get(key)
        if embedding is None:
            max_pixels = self.machine.settings.max_image_pixels
            image = load_upright(self.machine.blobs.get(item.sha256), max_pixels=max_pixels)
            embedding = segmenter.embed(image)
            self._embeddings.put(key, embedding, size_bytes=embedding.size_bytes)
        return segmenter, embedding

    def _click(
        self, key: tuple[str, str], segmenter: Segmenter, embedding: Embedding, prompt: Prompt
    ) -> Segmented:
        """Answer a prompt; each click mends the mask of those before it, as the model was trained."""
        low_res = None
        clicks = prompt.clicks
        first = 0 if prompt.box_xyxy is not None else 1
        if segmenter.clicks.low_res is not None:
            for count in range(first, len(clicks)):
                low_res = self._mended(key, segmenter, embedding, prompt, count=count, low_res=low_res)
        found = segmenter.segment(embedding, prompt, low_res=low_res)
        if found.low_res is not None:
            self._low_res.put((key, prompt), found.low_res, size_bytes=found.low_res.nbytes)
        return found

    def _mended(
        self,
        key: tuple[str, str],
        segmenter: Segmenter,
        embedding: Embedding,
        prompt: Prompt,
        *,
        count: int,
        low_res: Array | None,
    ) -> Array | None:
        """Return the mask after the first ``count`` clicks, kept from when they were asked for or made again."""
        part = prompt._replace(clicks=prompt.clicks[:count])
        if not any(click.is_object for click in part.clicks) and part.box_xyxy is None:
            return low_res
        kept = self._low_res.get((key, part))
        if kept is None:
            kept = segmenter.segment(embedding, part, low_res=low_res).low_res
            if kept is not None:
                self._low_res.put((key, part), kept, size_bytes=kept.nbytes)
        return kept

    def _open(self, version: ModelVersionView) -> Segmenter:
        assert version.weights_sha256 is not None, "a segmenter has files"
        decoder_sha = version.card.get("decoder_sha256")
        blobs = self.machine.blobs
        with _on_disk(blobs, version.weights_sha256) as encoder, _on_disk(blobs, decoder_sha) as decoder:
            assert encoder is not None, "named above"
            return Segmenter(encoder, decoder, pixels=version.card.get("pixels", "auto"))

    # --- what both ask

    async def _choice_of(self, access: Access, project_id: str, kind: str) -> str:
        found: Callable[[], Assistants] = partial(self.list_assistants, access, project_id)
        models: list[AssistantModel] = getattr(await self._clicking.run(found), kind)
        if not models:
            raise ConflictError(
                "no model fits this project: train one on a dataset version of it"
                if kind == "detectors"
                else "there is no click-segmentation model: a manager adds one to the workspace"
            )
        return models[0].model_version_id

    async def _subject(
        self, access: Access, project_id: str, item_id: str, version_id: str, *, format_name: str
    ) -> _Subject:
        def read(tx: Transaction) -> _Subject:
            version = registry.find_model_version(tx, version_id)
            if version is None or version.workspace_id != access.workspace_id:
                raise NotFoundError("there is no such model version here")
            if version.format != format_name:
                kind = "look for objects" if format_name == DETECTOR else "answer clicks"
                raise ConflictError(f"this model version cannot {kind}; choose another")
            item = records_by_id(tx, [item_id]).get(item_id)
            if item is None or all(task.project_id != project_id for task in tasks_of_item(tx, item_id)):
                raise NotFoundError("there is no such item in this project")
            if item.kind != "image":
                raise InvalidInputError("models look at images only")
            return _Subject(version, item)

        return await self.machine.database.read(read)


def _prompt_of(body: SegmentBody, item: ItemRecord) -> Prompt | None:
    """Return what was clicked, or None where nothing was.

    Raises:
        InvalidInputError: A click lies outside of the picture, or none is on the object.
    """
    if not body.points and body.box_xyxy is None:
        return None
    corners = [] if body.box_xyxy is None else [body.box_xyxy[:2], body.box_xyxy[2:]]
    places = [(point.x, point.y) for point in body.points] + corners
    if any(x > item.width_px or y > item.height_px for x, y in places):
        raise InvalidInputError(f"the picture is {item.width_px} x {item.height_px} px; click inside of it")
    if body.box_xyxy is None and not any(point.is_object for point in body.points):
        raise InvalidInputError("click something that belongs to the object, or send a box around it")
    if body.box_xyxy is not None:
        left, top, right, bottom = body.box_xyxy
        if left >= right or top >= bottom:
            raise InvalidInputError("box_xyxy is left, top, right, bottom, in this order")
    return Prompt(tuple(Click(point.x, point.y, point.is_object) for point in body.points), body.box_xyxy)


def _ordered(versions: Sequence[ModelVersionView], chosen_model_id: str | None) -> list[AssistantModel]:
    """Return what was chosen, then the newest first."""
    newest_first = sorted(versions, key=lambda version: version.model_version_id, reverse=True)
    newest_first.sort(key=lambda version: version.model_id != chosen_model_id)
    return [
        AssistantModel(
            model_version_id=version.model_version_id,
            model_id=version.model_id,
            model_name=version.model_name,
            number=version.number,
        )
        for version in newest_first
    ]


@contextmanager
def _on_disk(blobs: BlobStore, sha256: str | None) -> Iterator[Path | None]:
    """Give a blob as a file: where it lies, or a copy as long as it is opened."""
    local = None if sha256 is None else blobs.local_path(sha256)
    if sha256 is None or local is not None:
        yield local
        return
    with tempfile.NamedTemporaryFile(suffix=".onnx") as copy:
        for chunk in blobs.iter_chunks(sha256):
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)
