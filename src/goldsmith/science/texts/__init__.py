"""Free text: several people's words made one text, without embeddings.

``Texts.of`` takes texts apart, ``resolve_texts`` merges them word by word or chooses one of them, by evidence inside
the set; ``word_error_rate`` and ``text_distances`` compare.
"""

from goldsmith.science.texts.distance import ErrorRate, edit_distances, text_distances, word_error_rate
from goldsmith.science.texts.resolving import resolve_texts
from goldsmith.science.texts.types import TextConsensus
from goldsmith.science.texts.words import Rows, Texts, tokens_of

__all__ = [
    "ErrorRate",
    "Rows",
    "TextConsensus",
    "Texts",
    "edit_distances",
    "resolve_texts",
    "text_distances",
    "tokens_of",
    "word_error_rate",
]
