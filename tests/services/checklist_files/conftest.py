"""No test asserts a duration, so property tests have no deadline."""

from hypothesis import settings

settings.register_profile("docqa", deadline=None)
settings.load_profile("docqa")
