"""The record of a batch of candidates, on which :mod:`agents.migrants.candidate_batch` works."""

import numpy as np

from agents.migrants.columns import SLOTS
from agents.migrants.success import N_TERMS

BATCH = 256  # candidates at a time; a multiple of `agents.chance.AT_ONCE`
_OPTIONS = SLOTS + 2  # alone, with an organisation, through a port

CANDIDATES = np.dtype(
    [
        ("uid", "i8", (BATCH,)),
        ("event", "i8", (BATCH,)),  # keys of draws
        ("traits", "f8", (4, BATCH)),  # uniforms by stream
        ("traits_2", "f8", (4, BATCH)),
        ("nest_draws", "f8", (4, BATCH)),
        ("mode_draws", "f8", (4, BATCH)),
        ("wealth", "f8", (BATCH,)),  # whole dollars
        ("purse", "f8", (BATCH,)),  # dollars at hand and on credit
        ("knowledge", "f4", (BATCH,)),
        ("surrender", "f8", (BATCH,)),  # 1 to surrender at the line
        ("chance", "f8", (BATCH,)),  # of an option: perceived success, violence, and dollars paid
        ("harm", "f8", (BATCH,)),
        ("paid", "f8", (BATCH,)),
        ("utility", "f8", (_OPTIONS, BATCH)),  # by option and candidate, $
        ("best", "f8", (BATCH,)),  # largest utility so far, $
        ("sellers", "i8", (BATCH,)),  # organisations that are affordable
        ("crowding", "f8", (BATCH,)),  # subtracted for their number, $
        ("total", "f8", (BATCH,)),  # sum of exponentials
        ("later", "f8", (BATCH,)),  # inclusive value of going without announcements, $
        ("go", "f8", (BATCH,)),  # inclusive value of going today, $
        ("stay", "f8", (BATCH,)),  # utilities of the other alternatives with noise, $
        ("legal", "f8", (BATCH,)),
        ("go_noise", "f8", (BATCH,)),
        ("nest", "i8", (BATCH,)),  # STAY, LEGAL, GO or WAIT
        ("leaver", "i8", (BATCH,)),  # positions of those who go
        ("leaver_uid", "i8", (BATCH,)),
        ("best_guide", "f8", (BATCH,)),  # largest noisy utility of an organisation, by leaver
        ("guide", "i8", (BATCH,)),  # its slot
        ("mode", "i8", (BATCH,)),  # choice by leaver, as `decisions.choose_mode` returns it
        ("slot", "i8", (_OPTIONS,)),  # options of the stratum: SOLO, slot or PORT_OPTION
        ("tag", "i8", (_OPTIONS,)),  # part of the key of its noise
        ("price", "f8", (_OPTIONS,)),  # $
        ("plus", "f8", (_OPTIONS,)),  # dollars added to the utility, and subtracted
        ("minus", "f8", (_OPTIONS,)),
        ("terms", "f8", (2, 2, _OPTIONS, N_TERMS)),  # by plan to surrender, news and option
        ("options", "i8"),
        ("crowd", "f8", (_OPTIONS,)),  # noise times log of a number of sellers, $
        ("plans", "i8"),  # 2 if some of the stratum surrender, 1 otherwise
        ("announced", "i8"),  # 1 if an announcement concerns the stratum
    ],
    align=True,
)


def empty_batch() -> np.ndarray:
    """Return space for a batch of candidates, as an array of one record."""
    return np.zeros(1, CANDIDATES)
