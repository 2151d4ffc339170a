"""goldsmith: the open, self-hosted foundation layer of AI development.

Raw data goes in; gold labels, trusted evaluations and better models come out, in one loop:
label, control quality, version, train, evaluate, and send failures back to labelling.
"""

__version__ = "0.1.0"
