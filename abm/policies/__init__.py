"""The instruments: one file each, found by itself, no list to keep.

To add one, add a file with a subclass of `Policy`; the files beside this one show how.
"""

from abm.policies.application import daily_dollars, pull_all
from abm.policies.base import Cost, Policy, Seen
from abm.policies.registry import make, policies_of, registry

__all__ = ["Cost", "Policy", "Seen", "daily_dollars", "make", "policies_of", "pull_all", "registry"]
