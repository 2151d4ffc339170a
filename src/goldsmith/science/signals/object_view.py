"""What the others, or gold, say of each person's marks: supported or not, and what was passed over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.segments import ragged_arange, run_starts, sum_by

_GOLD_WEIGHT = 1000.0
"""Gold outvotes any number of people."""
_SOLID = 0.5


@dataclass(frozen=True, slots=True)
class ObjectView:
    """Each look with its marks, judged by the others who looked at the image.

    Attributes:
        image: ``[looks]`` each look once.
        annotator: ``[looks]``.
        row: ``[looks]`` of the columns that were given, -1 for looks known by their marks only.
        is_judged: ``[looks]`` whether somebody else looked, or gold is known.
        on_gold: ``[looks]``.
        marked: ``[looks]`` own marks.
        supported: ``[looks]`` of them, those that at least half of the others support.
        solid: ``[looks]`` objects that at least half of the others marked.
        found: ``[looks]`` of them, those that were marked.
        right: ``[looks]`` of them, those of the right class.
        object_box: ``[objects, 4]`` mean box.
        object_image: ``[objects]``.
        object_solid: ``[objects]`` whether at least half of all who looked marked it.
    """

    image: IntArray
    annotator: IntArray
    row: IntArray
    is_judged: BoolArray
    on_gold: BoolArray
    marked: FloatArray
    supported: FloatArray
    solid: FloatArray
    found: FloatArray
    right: FloatArray
    object_box: FloatArray
    object_image: IntArray
    object_solid: BoolArray


def view_of_objects(
    marks: Marks,
    looks: Looks,
    *,
    object_of_mark: IntArray,
    trust: FloatArray,
    gold_images: IntArray,
) -> ObjectView:
    """Judge every look by the others.

    Args:
        marks: What was marked; gold is the marks of the last annotator.
        looks: Who looked where, without gold.
        object_of_mark: Which object each mark means.
        trust: ``[annotators]`` how much each person's word counts, in [0, 1].
        gold_images: Images whose true objects are all known.
    """
    gold_annotator = trust.size
    weight_of = np.r_[trust, _GOLD_WEIGHT]
    keys, row = _each_look(marks, looks, gold_annotator, gold_images)
    people = gold_annotator + 1
    image, who = keys // people, keys % people
    objects = int(object_of_mark.max(initial=-1)) + 1
    object_image = np.zeros(objects, dtype=np.int64)
    object_image[object_of_mark] = marks.image
    # every object with everybody who looked at its image
    begin = np.searchsorted(image, object_image, side="left")
    counts = np.searchsorted(image, object_image, side="right") - begin
    thing = np.repeat(np.arange(objects), counts)
    look = np.repeat(begin, counts) + ragged_arange(counts)
    class_given = _class_given(marks, object_of_mark, thing, who[look], people)
    marked = class_given >= 0
    word = weight_of[who]
    said = sum_by(thing, marked * word[look], size=objects)
    heard = sum_by(image, word, size=int(image.max(initial=-1)) + 1)
    alone = heard[image] - word
    of_others = (said[thing] - marked * word[look]) / np.maximum(alone[look], 1e-9)
    is_solid = (of_others >= _SOLID) & (alone[look] > 1e-9)
    best = _majority(marks, object_of_mark, weight_of, objects)
    tally = {
        "marked": marked,
        "supported": marked & is_solid,
        "solid": is_solid,
        "found": marked & is_solid,
        "right": marked & is_solid & (class_given == best[thing]),
    }
    sums = {name: sum_by(look, flags, size=keys.size) for name, flags in tally.items()}
    mean_box = np.stack([sum_by(object_of_mark, side, size=objects) for side in marks.box_xyxy.T], axis=1)
    mine = who < gold_annotator
    return ObjectView(
        image=image[mine],
        annotator=who[mine],
        row=row[mine],
        is_judged=(alone > 1e-9)[mine],
        on_gold=np.isin(image, gold_images)[mine],
        **{name: column[mine] for name, column in sums.items()},
        object_box=mean_box / np.maximum(sum_by(object_of_mark, None, size=objects), 1.0)[:, None],
        object_image=object_image,
        object_solid=said >= _SOLID * heard[object_image] if objects else np.zeros(0, dtype=np.bool_),
    )


def _each_look(
    marks: Marks, looks: Looks, gold_annotator: int, gold_images: IntArray
) -> tuple[IntArray, IntArray]:
    """Looks as ascending keys ``image * people + annotator``, each once, and the given row of each."""
    people = gold_annotator + 1
    given = looks.image * people + looks.annotator
    keys = np.unique(
        np.concatenate([given, marks.image * people + marks.annotator, gold_images * people + gold_annotator])
    )
    row = np.full(keys.size, -1, dtype=np.int64)
    row[np.searchsorted(keys, given)] = np.arange(given.size)
    return keys, row


def _class_given(
    marks: Marks, object_of_mark: IntArray, thing: IntArray, who: IntArray, people: int
) -> IntArray:
    """``[rows]`` the class that somebody gave to an object, -1 where it was not marked."""
    key = object_of_mark * people + marks.annotator
    order = np.argsort(key, kind="stable")
    wanted = thing * people + who
    if not key.size:
        return np.full(wanted.size, -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(key[order], wanted), key.size - 1)
    return np.where(key[order][at] == wanted, marks.class_index[order][at], -1)


def _majority(marks: Marks, object_of_mark: IntArray, weight_of: FloatArray, objects: int) -> IntArray:
    """``[objects]`` class with the most weight."""
    classes = int(marks.class_index.max(initial=0)) + 1
    found, slot = np.unique(object_of_mark * classes + marks.class_index, return_inverse=True)
    mass = sum_by(slot, weight_of[marks.annotator], size=found.size)
    order = np.lexsort((-mass, found // classes))
    best = np.zeros(objects, dtype=np.int64)
    firsts = order[run_starts((found // classes)[order])]
    best[found[firsts] // classes] = found[firsts] % classes
    return best
