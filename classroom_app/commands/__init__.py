"""What is done from a terminal: the subcommands of `python -m classroom_app`.

Each imports what it needs when it is called, so that `--help` and small commands answer at once.
"""
