"""The demonstration's figures as tables a person can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from goldsmith.demo.loop import OVERLAP, Outcome


def print_outcome(outcome: Outcome, console: Console, *, seconds: float) -> None:
    """Print what came out."""
    console.print()
    console.print(_labels(outcome))
    console.print(_models(outcome))
    for entry in outcome.comparisons:
        difference = entry["difference"]
        console.print(
            f"  {entry['this']} against {entry['other']}: [bold]{entry['verdict']}[/] "
            f"(AP50 {difference['value']:+.3f}, 95 % interval {difference['low']:+.3f} to {difference['high']:+.3f})"
        )
    up, down = outcome.lineage["up"], outcome.lineage["down"]
    console.print(
        f"\nLineage: {up['subject']} rests on {up.get('item', 0)} items, {up.get('submission', 0)} submissions "
        f"by {up.get('member', 0)} people; {down['subject']}'s {down.get('submission', 0)} submissions went into "
        f"{down.get('dataset_version', 0)} dataset versions and {down.get('model_version', 0)} models."
    )
    audit = "verified" if outcome.audit["is_intact"] else f"broken at {outcome.audit['fault']}"
    console.print(f"Audit chain: {audit}. The loop took {seconds / 60:.1f} minutes.")


def _labels(outcome: Outcome) -> Table:
    table = _table(
        "Labels against the truth (objects at IoU 0.5, class included)",
        ("who", "pictures", "precision", "recall", "F1", "IoU", "estimated skill"),
    )
    for row in outcome.annotators:
        skill = row.get("skill")
        shown = "" if skill is None else f"{skill['value']:.2f} ({skill['low']:.2f}-{skill['high']:.2f})"
        table.add_row(row["name"], *_numbers(row), shown)
    table.add_section()
    table.add_row(f"[bold]Consensus of {OVERLAP}[/]", *_numbers(outcome.consensus), "")
    table.add_row(f"[bold]{outcome.reviewed['mended']} reviewed[/]", *_numbers(outcome.reviewed), "")
    return table


def _numbers(row: dict[str, Any]) -> list[str]:
    return [str(row["pictures"]), *(f"{row[name]:.3f}" for name in ("precision", "recall", "f1", "mean_iou"))]


def _models(outcome: Outcome) -> Table:
    table = _table(
        "The detector on the held-out pictures",
        ("trained on", "pictures", "AP50 (95 % interval)", "AP", "CPU s"),
    )
    for version, model in zip(outcome.versions, outcome.models, strict=True):
        ap50, splits = model["ap50"], version["splits"]
        table.add_row(
            model["name"],
            f"{splits.get('train', 0)} + {splits.get('validation', 0)}",
            f"{ap50['value']:.3f} ({ap50['low']:.3f}-{ap50['high']:.3f})",
            f"{model['ap']['value']:.3f}",
            f"{model['seconds_cpu'] or 0:.0f}",
        )
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    """A table that fits 80 columns; the first column to the left, numbers to the right."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    return table
