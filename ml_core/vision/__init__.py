"""From a photo's bytes to features: views, backbones, the exported graph.

Knows nothing of labels, heads or requests.
"""

import os

# Before anything here imports ONNX Runtime, which would tell its maker that it runs and write to our home.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
