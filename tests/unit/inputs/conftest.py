"""Property tests draw the same cases every time and take the time that a busy machine needs."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("steady")
