"""The ASGI app: HTTP routes beside the pages, the paths that are open, headers, metrics."""
