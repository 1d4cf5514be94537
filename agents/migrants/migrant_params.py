"""Parameters of the migrants, assembled from the classes of four modules by theme."""

from dataclasses import dataclass

from agents.migrants.attempt_params import LineParams, RetryParams
from agents.migrants.candidate_params import CandidateParams
from agents.migrants.danger_params import DangerParams, ReturnParams
from agents.migrants.decision_params import AnnouncementParams, BeliefParams, DecisionParams


# A dataclass has the fields of its last base first: the order of the bases is that of the
# parameters, reversed.
@dataclass(frozen=True, slots=True, kw_only=True)
class MigrantParams(
    ReturnParams,
    DangerParams,
    RetryParams,
    LineParams,
    BeliefParams,
    AnnouncementParams,
    DecisionParams,
    CandidateParams,
):
    """Candidates, decisions, beliefs, further attempts, dangers."""
