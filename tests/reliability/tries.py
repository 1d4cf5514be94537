"""Number of cases per battery: 100 by default and in `.ci/run`, 20,000 in `.ci/nightly`."""

import os

TRIES = int(os.environ.get("TWOBORDERS_TRIES", "100"))
