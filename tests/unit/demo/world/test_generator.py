from __future__ import annotations

import io
from collections import Counter

import pytest
from PIL import Image

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Polygon
from goldsmith.demo.world import (
    ObjectKind,
    TimeOfDay,
    Weather,
    World,
    WorldImage,
    WorldOptions,
    street_ontology,
)
from goldsmith.demo.world.traffic import MAX_ACTORS


@pytest.fixture(scope="module")
def images() -> list[WorldImage]:
    return list(World(12).generate(16))


def test_the_same_seed_gives_the_same_bytes(images: list[WorldImage]) -> None:
    again = list(World(12).generate(4))
    assert [image.image_bytes for image in again] == [image.image_bytes for image in images[:4]]
    assert [image.labelling for image in again] == [image.labelling for image in images[:4]]
    other = next(World(13).generate(1))
    assert other.image_bytes != images[0].image_bytes


def test_any_sequence_can_be_made_on_its_own(images: list[WorldImage]) -> None:
    group = images[-2].group
    index = int(group.rsplit("-", 1)[1])
    alone = next(World(12).generate(1, first_sequence=index))
    first = next(image for image in images if image.group == group)
    assert alone == first


def test_images_are_what_they_say(images: list[WorldImage]) -> None:
    assert len({image.name for image in images}) == len(images)
    for image in images:
        picture = Image.open(io.BytesIO(image.image_bytes))
        assert picture.format == "JPEG"
        assert picture.size == (image.width, image.height) == (640, 384)


def test_the_gold_fits_the_ontology_and_the_image(images: list[WorldImage]) -> None:
    ontology = street_ontology()
    for image in images:
        assert ontology.faults_of(image.labelling) == []
        assert len(image.labelling.annotations) <= MAX_ACTORS
        for annotation, seen in zip(image.labelling.annotations, image.objects, strict=True):
            left, top, right, bottom = annotation.geometry.bounds_xyxy()
            assert 0 <= left < right <= image.width
            assert 0 <= top < bottom <= image.height
            assert annotation.is_occluded == (seen.visible_fraction < 0.7)
            assert annotation.class_id == seen.actor.kind


def test_frames_of_a_sequence_share_group_and_identities(images: list[WorldImage]) -> None:
    sizes = Counter(image.group for image in images)
    assert max(sizes.values()) > 1
    first, second = images[0], images[1]
    assert first.group == second.group == first.metadata["sequence"]
    assert (first.metadata["frame"], second.metadata["frame"]) == (0, 1)
    before = {seen.actor.actor_id: seen.actor for seen in first.objects}
    after = {seen.actor.actor_id: seen.actor for seen in second.objects}
    assert before.keys() & after.keys()
    assert all(before[actor_id] == after[actor_id] for actor_id in before.keys() & after.keys())
    ids = [annotation.annotation_id for image in images for annotation in image.labelling.annotations]
    assert len(set(ids)) == len(ids)


def test_polygon_gold_lies_in_the_box_of_the_same_object(images: list[WorldImage]) -> None:
    outlined = list(World(12, options=WorldOptions(is_polygon_gold=True)).generate(3))
    for image, plain in zip(outlined, images, strict=False):
        assert image.image_bytes == plain.image_bytes
        for annotation, boxed in zip(image.labelling.annotations, plain.labelling.annotations, strict=True):
            assert isinstance(annotation.geometry, Polygon)
            left, top, right, bottom = boxed.geometry.bounds_xyxy()
            x0, y0, x1, y1 = annotation.geometry.bounds_xyxy()
            assert left <= x0 < x1 <= right
            assert top <= y0 < y1 <= bottom


def test_rare_things_are_rare_and_none_is_missing() -> None:
    world = World(3)
    scenes = [world.sequence(index).scene for index in range(300)]
    kinds = Counter(actor.kind for scene in scenes for actor in scene.actors)
    total = kinds.total()
    assert kinds[ObjectKind.CAR] / total > 0.4
    assert kinds[ObjectKind.PEDESTRIAN] / total > 0.1
    assert 0 < kinds[ObjectKind.CYCLIST] / total < 0.04
    assert 0 < kinds[ObjectKind.ROAD_SIGN] / total < 0.12
    assert 0 < kinds[ObjectKind.TRAFFIC_LIGHT] / total < 0.15
    hours = Counter(scene.conditions.time_of_day for scene in scenes)
    skies = Counter(scene.conditions.weather for scene in scenes)
    assert 0.06 < hours[TimeOfDay.NIGHT] / 300 < 0.25
    assert 0.05 < skies[Weather.RAIN] / 300 < 0.22
    states = {actor.attributes["state"] for s in scenes for actor in s.actors if "state" in actor.attributes}
    assert states == {"red", "amber", "green", "off"}
    assert all(4 <= len(scene.actors) <= MAX_ACTORS for scene in scenes)


@pytest.mark.parametrize(
    "options",
    [
        WorldOptions(night_share=0.8, dusk_share=0.3),
        WorldOptions(rain_share=-0.1),
        WorldOptions(width_px=8),
        WorldOptions(min_frames=3, max_frames=2),
    ],
)
def test_options_out_of_range_are_refused(options: WorldOptions) -> None:
    with pytest.raises(InvalidInputError):
        World(1, options=options)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        World(-1)


def test_shares_can_be_asked_for() -> None:
    world = World(1, options=WorldOptions(night_share=1.0, dusk_share=0.0, rain_share=1.0, fog_share=0.0))
    image = next(world.generate(1))
    assert (image.metadata["time_of_day"], image.metadata["weather"]) == ("night", "rain")
