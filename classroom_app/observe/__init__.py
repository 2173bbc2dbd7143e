"""How the web tier is seen while it runs: request ids, metrics, traces, health and readiness.

Knows nothing of classes, photos or runs; whoever does the work says what happened.
"""
