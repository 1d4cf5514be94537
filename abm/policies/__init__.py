"""Policies, one file per instrument, which the package discovers automatically.

To add a policy, add a file with a subclass of `Policy`. The existing files are examples.
"""

from abm.policies.base import Cost, Inputs, Policy
from abm.policies.registry import policies_of, policy_class, registry

__all__ = ["Cost", "Inputs", "Policy", "policies_of", "policy_class", "registry"]
