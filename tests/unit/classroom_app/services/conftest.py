"""Properties are tried without a time limit for each example: on a busy machine it fails by chance."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
