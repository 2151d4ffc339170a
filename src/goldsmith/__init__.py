"""goldsmith: the open, self-hosted foundation layer of AI development.

Raw data goes in; gold labels, trusted evaluations and better models come out, in one loop:
label, control quality, version, train, evaluate, and send failures back to labelling.
"""

import os

# Libraries that report to their makers unless told not to. Said here, as every process of ours comes by before it
# imports them: onnxruntime looks once, when it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

__version__ = "0.1.0"
