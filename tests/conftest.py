"""What tests share."""

from hypothesis import settings

# The machine decides how long an example takes; a slow one is no failure.
settings.register_profile("vpd", deadline=None)
settings.load_profile("vpd")
