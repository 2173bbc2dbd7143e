"""HTTP routes beside the pages: each translates a request to one service call."""
