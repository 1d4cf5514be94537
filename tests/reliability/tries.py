"""Number of cases of each battery: 400 in continuous integration, 20,000 every night."""

import os

TRIES = int(os.environ.get("TWOBORDERS_TRIES", "200"))
