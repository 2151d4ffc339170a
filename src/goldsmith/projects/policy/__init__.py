"""May an ontology be changed while labels use it, and how do older labels read in newer versions? Pure decisions.

Labels keep the ontology version they were made with. A change that labels in force would not survive is refused
until a migration says how they read from then on; the migration is stored beside the new version.
"""

from goldsmith.projects.policy.checking import check_change, may_touch_labels
from goldsmith.projects.policy.upgrading import LabelUpgrader, Upgraded, upgrade_labelling

__all__ = ["LabelUpgrader", "Upgraded", "check_change", "may_touch_labels", "upgrade_labelling"]
