"""How a process is seen while it runs: logs, request ids, traces, the metrics port. Both tiers use it."""
