"""Who is better, from pairs and lists: strengths with intervals, and judges with reliabilities.

``bradley_terry`` (ties, a bias for who is shown first, intervals by battle or by judge), ``crowd_bradley_terry``
(judges who guess are found and count little), ``plackett_luce`` (lists put in order).
"""

from goldsmith.science.ranking.bradley_terry import bradley_terry
from goldsmith.science.ranking.crowd import JudgedRanking, crowd_bradley_terry
from goldsmith.science.ranking.lists import UNPLACED, Lists, plackett_luce
from goldsmith.science.ranking.types import FIRST_WINS, SECOND_WINS, TIE, Battles, Ranking

__all__ = [
    "FIRST_WINS",
    "SECOND_WINS",
    "TIE",
    "UNPLACED",
    "Battles",
    "JudgedRanking",
    "Lists",
    "Ranking",
    "bradley_terry",
    "crowd_bradley_terry",
    "plackett_luce",
]
