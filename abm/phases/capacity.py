"""Capacity of governments today: custody, courts, hearings, the legal channel, and expectations.

The values are written each morning into the parameter record of the migrant kernels and are
computed from yesterday's state.
"""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING

import numpy as np

from abm import legal_channel
from abm.phases.dated_inputs import fiscal_year, law_on
from agents.migrants.columns import EPOCH
from agents.migrants.kernels import advance_legal_queues, update_expected_release
from agents.outcomes import GROUP_OF_NATION, Consequence, Group

if TYPE_CHECKING:
    from abm.model import BorderModel

_YEAR = 365.0
_HOTTEST = 185  # day of the year at which deaths at the line are most frequent
_FOREIGN = GROUP_OF_NATION == Group.NORTHERN_TRIANGLE


def update(model: BorderModel) -> None:
    """Set the kernel parameters that depend on the date, on capacity and on the levers."""
    _set_date(model)
    _set_custody(model)
    _set_legal_channel(model)
    update_expected_release(
        model.kernel_params, _FOREIGN, model.settings.migrants.release_news_days
    )
    _add_announcements(model)


def _set_date(model: BorderModel) -> None:
    kernel_params, date = model.kernel_params[0], model.date
    kernel_params["fiscal_year"] = fiscal_year(date) - EPOCH
    day_of_year = date.toordinal() - datetime.date(date.year, 1, 1).toordinal() + 1
    turn = 2.0 * math.pi * (day_of_year - _HOTTEST) / _YEAR
    kernel_params["heat"] = 1.0 + model.settings.migrants.heat_amplitude * math.cos(turn)


def _set_custody(model: BorderModel) -> None:
    """Set free beds and courts, screening, the stay before removal, releases and waits."""
    kernel_params, c, levers = model.kernel_params[0], model.settings.consequences, model.levers
    history = model.flow_history
    detained = float(np.add.reduce(model.ledger.day_tallies[0]["held"]))
    beds = model.conditions.beds + float(levers.beds[0]) - detained
    kernel_params["bed_free"] = _free_share(beds, history.beds)
    kernel_params["court_free"] = _free_share(c.courts + float(levers.courts[0]), history.courts)
    staffed = 1.0 + float(levers.asylum_officers[0]) / c.asylum_officers
    kernel_params["screening_us"] = 1.0 - (1.0 - c.screening_us) ** staffed
    hearing = 1.0 - c.stay_for_hearing * (1.0 - 1.0 / staffed)
    law = law_on(model.settings, model.date)
    readmission = 1.0 - min(1.0, float(levers.readmission[0]))
    kernel_params["stay_removal"] = law.stay_removal
    if hearing < 1.0 or readmission < 1.0:
        stays = law.stay_removal[_FOREIGN] * hearing * readmission
        kernel_params["stay_removal"][_FOREIGN] = stays
    extra = _detainable_share(model)
    kernel_params["release_share"] = law.release
    if extra > 0.0:
        detained_for_room = np.array(c.release_for_room) * extra
        kernel_params["release_share"][_FOREIGN] = law.release[_FOREIGN] * (1.0 - detained_for_room)
    kernel_params["wait_share"] = min(1.0, float(levers.wait_in_mexico[0]))
    _set_expulsions(model)
    at_line = model.conditions.violence[model.network.line_legs]
    violence = float(np.add.reduce(at_line) / at_line.size) if model.world.n_legs else 0.0
    kidnap_hazard = model.settings.migrants.wait_kidnap_hazard
    kernel_params["wait_kidnap_hazard"] = kidnap_hazard * (1.0 + violence)


def _free_share(capacity: float, demand: float) -> float:
    """Return the share of a day's demand that the free capacity covers, 0 to 1."""
    return float(min(1.0, max(0.0, capacity) / max(demand, 1.0)))


def _detainable_share(model: BorderModel) -> float:
    """Return which share of people released for lack of beds additional beds could hold."""
    extra = float(model.levers.beds[0])
    if extra <= 0.0:
        return 0.0
    yesterday = law_on(model.settings, model.date - datetime.timedelta(days=1))
    released = model.kernel_params[0]["release_share"][_FOREIGN].sum() / max(
        float(yesterday.release[_FOREIGN].sum()), 1e-9
    )
    without = model.flow_history.releases / max(float(released), 1e-3)
    stays = model.kernel_params[0]["stay_removal"][_FOREIGN]
    first = float(stays.flat[0])
    stay = first + float((stays - first).mean())  # exactly the value if all stays are equal
    return min(1.0, extra / max(without * (stay + 1.0), 1.0))


def _set_legal_channel(model: BorderModel) -> None:
    """Advance the queues in the legal channel, with today's decisions and fee."""
    kernel_params, m = model.kernel_params, model.settings.migrants
    more = legal_channel.additional_visas(model.levers, model.conditions.legal_shares)
    yearly = np.maximum(model.conditions.legal_quota + more, 0.0)
    tallies, applied = model.ledger.day_tallies, model.flow_history.applied
    advance_legal_queues(
        kernel_params, tallies, yearly, applied, m.legal_refusal, m.legal_impatience
    )
    kernel_params[0]["legal_fee"] = max(0.0, m.legal_fee + float(model.levers.visa_fee[0]))


def _set_expulsions(model: BorderModel) -> None:
    """Set the shares of people expelled by the United States and moved south by Mexico.

    The probability of another attempt that people expect after a stop follows both.
    """
    kernel_params, levers = model.kernel_params[0], model.levers
    by_group = levers.expulsion_mexican, levers.expulsion_foreign
    if any(map(np.count_nonzero, (*by_group, kernel_params["expelled"]))):
        share = np.minimum(1.0, by_group)[GROUP_OF_NATION]
        kernel_params["expelled"] = share
        # each expulsion policy counts in proportion to the share of people whom it expels
        to_line = levers.expelled_to_line / np.maximum([s.mean() for s in by_group], 1e-12)
        kernel_params["expelled_to_line"] = np.minimum(1.0, to_line)[GROUP_OF_NATION]
        others = (1.0 - share) * (1.0 - kernel_params["release_base"])
        again, law = kernel_params["retry"][Consequence.EXPULSION], kernel_params["again_us_law"]
        kernel_params["again_us"] = np.where(
            share > 0.0,
            (share * again + others * law) / np.maximum(share + others, 1e-12),
            law,
        )
    south = min(1.0, float(levers.transfers_south[0]))
    if south > 0.0 and model.network.southern_town < 0:
        south = 0.0
    if south > 0.0 or kernel_params["transferred"] > 0.0:
        kernel_params["transferred"] = south
        again = kernel_params["retry"][Consequence.TRANSFER].mean(axis=1)
        law = kernel_params["again_mx_law"]
        kernel_params["again_mx"] = law + south * (again - law)


def _add_announcements(model: BorderModel) -> None:
    """Change what people expect by announcements in force.

    An announcement changes the expected release in proportion to the belief in it, and not the
    release that people have seen. When the belief has worn off, both are equal.
    """
    levers = model.levers
    news = levers.news_release_cut, levers.news_release_rise, levers.news_stop
    if not any(map(np.count_nonzero, news)):
        return
    kernel_params = model.kernel_params[0]
    cut, rise, stop = (np.minimum(1.0, lever)[GROUP_OF_NATION] for lever in news)
    view = kernel_params["release_view"] * (1.0 - cut[:, None])
    kernel_params["release_view"] = view + (1.0 - view) * rise[:, None]
    kernel_params["perceived_stop"] = stop
    kernel_params["news"] = np.maximum(cut, stop) > 0.0
