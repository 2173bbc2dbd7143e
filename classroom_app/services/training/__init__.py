"""A training run: asked for by a tap, worked on in steps that may be repeated, queued durably."""
