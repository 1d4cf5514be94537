"""For every test: the first example may have to compile, so none is held to a deadline."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
