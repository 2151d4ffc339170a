"""Examples for the instructions, made of real items: a frozen part of the picture, and frozen labels."""

from __future__ import annotations

import io
import json
from collections.abc import Collection
from typing import Final, NamedTuple

from PIL import Image

from goldsmith.accounts.api import Access, Role, audit
from goldsmith.core.errors import FieldFault, GoneError, InvalidInputError, NotFoundError
from goldsmith.items.media import load_upright
from goldsmith.items.service.foundation import Foundation
from goldsmith.items.store import examples as rows
from goldsmith.items.store import items as item_rows
from goldsmith.items.store import media as media_rows
from goldsmith.items.types import BlobRow, ItemKind, MediaVariant
from goldsmith.items.types.examples import Crop, ExamplePicture, ExampleView, NewExample
from goldsmith.platform.database import Transaction

MAX_EXAMPLES: Final = 500
_LEAST_SIDE_PX: Final = 8
_LONGEST_PX: Final = 1600
_MOST_PIXELS: Final = 48_000_000
"""Larger images are not decoded whole for an example; a part of their preview is shown."""
_QUALITY: Final = 88
_TYPE: Final = "image/jpeg"


class ExampleSource(NamedTuple):
    """What an example's picture is cut from.

    Attributes:
        sha256: Of the file to be decoded.
        width_px: Of the upright image, in whose pixels the crop is; likewise ``height_px``.
    """

    sha256: str
    width_px: int
    height_px: int


class Examples(Foundation):
    """Makes and shows examples; implements ``ExampleBook`` of projects."""

    def open_example(self, tx: Transaction, project_id: str, new: NewExample) -> ExampleSource:
        """Check a wish for an example, and return what its picture is cut from.

        Raises:
            NotFoundError: The project has no such item.
            GoneError: The item was deleted.
            InvalidInputError: It is no image, or the crop or the labels do not hold.
        """
        row = item_rows.find_item(tx, new.item_id)
        if row is None or not rows.is_in_project(tx, item_id=new.item_id, project_id=project_id):
            raise NotFoundError("the project has no such item")
        if row["deleted_ms"] is not None:
            raise GoneError("the item was deleted")
        if row["kind"] != ItemKind.IMAGE:
            raise InvalidInputError("examples are made of images")
        x0, y0, x1, y1 = new.crop
        width, height = row["width_px"], row["height_px"]
        if x1 > width or y1 > height or x1 - x0 < _LEAST_SIDE_PX or y1 - y0 < _LEAST_SIDE_PX:
            what = f"must be within {width} x {height} and have sides of {_LEAST_SIDE_PX} px or more"
            raise InvalidInputError("the crop does not hold", faults=[FieldFault("crop", what)])
        ontology = self.projects.get_ontology(tx, project_id, new.ontology_version)
        known = {entry.class_id for entry in ontology.classes}
        strange = sorted({entry.class_id for entry in new.labelling.annotations} - known)
        if strange:
            raise InvalidInputError(
                "some labels are of classes that the ontology does not have",
                faults=[FieldFault("labelling", class_id) for class_id in strange],
            )
        variant = MediaVariant.PREVIEW if width * height > _MOST_PIXELS else MediaVariant.ORIGINAL
        served = media_rows.find_served(tx, item_id=new.item_id, variant=variant)
        if served is None:
            raise NotFoundError("the project has no such item")
        return ExampleSource(served.sha256, width, height)

    def cut_picture(self, source: ExampleSource, crop: Crop) -> tuple[str, int]:
        """Cut the part of the image, keep it and return (SHA-256, size in bytes); for threads."""
        blobs = self.machine.blobs
        image = load_upright(blobs.get(source.sha256), max_pixels=self.machine.settings.max_image_pixels)
        across, down = image.width / source.width_px, image.height / source.height_px
        part = image.crop(
            (
                round(crop[0] * across),
                round(crop[1] * down),
                max(round(crop[2] * across), round(crop[0] * across) + 1),
                max(round(crop[3] * down), round(crop[1] * down) + 1),
            )
        )
        part.thumbnail((_LONGEST_PX, _LONGEST_PX), Image.Resampling.LANCZOS)
        sink = io.BytesIO()
        part.save(sink, "JPEG", quality=_QUALITY)
        return blobs.put(sink.getvalue()), sink.tell()

    def keep_example(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        new: NewExample,
        *,
        sha256: str,
        size_bytes: int,
    ) -> ExampleView:
        """Store an example whose picture was cut; errors as ``open_example``, which is asked again."""
        self.open_example(tx, project_id, new)
        now_ms = self.machine.clock.now_ms()
        example_id = self.machine.ids.new("exm")
        media_rows.insert_blobs(tx, [BlobRow(access.workspace_id, sha256, size_bytes, _TYPE, now_ms)])
        row = {
            "example_id": example_id,
            "project_id": project_id,
            "item_id": new.item_id,
            "verdict": new.verdict.value,
            "why": new.why,
            "crop": json.dumps(new.crop),
            "labelling": new.labelling.as_json(),
            "ontology_version": new.ontology_version,
            "picture_sha256": sha256,
            "media_type": _TYPE,
            "created_by": access.member_id,
            "created_ms": now_ms,
        }
        rows.insert_example(tx, row)
        audit(
            tx,
            at_ms=now_ms,
            access=access,
            action="example.made",
            target=project_id,
            detail={"example_id": example_id, "item_id": new.item_id, "verdict": new.verdict.value},
        )
        return rows.list_examples(tx, project_id=project_id, ids=[example_id])[0]

    def list_examples(self, tx: Transaction, project_id: str, *, version: int | None) -> list[ExampleView]:
        """Return the examples of a version of the instructions, the newest by default, in their order."""
        ids = self.projects.get_examples(tx, project_id, version)
        return rows.list_examples(tx, project_id=project_id, ids=ids) if ids else []

    def all_examples(self, tx: Transaction, project_id: str) -> list[ExampleView]:
        """Return all examples that were made in a project, newest first."""
        return rows.all_examples(tx, project_id=project_id, limit=MAX_EXAMPLES)

    def find_example_picture(
        self, tx: Transaction, access: Access, project_id: str, example_id: str
    ) -> ExamplePicture:
        """Return what an example shows of its image.

        Whoever may not see the items of others sees it as soon as a version of the instructions has it.

        Raises:
            NotFoundError: There is no such example, or no version of the instructions has it yet.
            GoneError: The item was deleted.
        """
        picture = rows.find_picture(tx, project_id=project_id, example_id=example_id)
        is_open = access.role.allows(Role.REVIEWER)
        if picture is None or not (
            is_open or self.projects.was_example_published(tx, project_id, example_id)
        ):
            raise NotFoundError("there is no such example")
        if picture.is_deleted:
            raise GoneError("the item of the example was deleted")
        return picture

    def known_examples(self, tx: Transaction, *, project_id: str, example_ids: Collection[str]) -> set[str]:
        """Return those of the ids that are examples of the project; for the instructions."""
        return rows.known_examples(tx, project_id=project_id, ids=example_ids)
