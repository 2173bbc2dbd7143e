"""The web tier's logs: those of the libraries go the same way as our own."""

from __future__ import annotations

import logging

from ml_core.contract.observe import logs


def configure() -> None:
    logs.configure()
    logs.take_over(logging.getLogger("dbos"))
    _take_over_streamlit()


def _take_over_streamlit() -> None:
    """Streamlit gives each of its many loggers a handler of its own, also to those made later."""
    from streamlit import logger as streamlit_logger

    streamlit_logger.setup_formatter = logs.take_over
    for known in list(streamlit_logger._loggers.values()):
        logs.take_over(known)
