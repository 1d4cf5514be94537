"""Estimate the supply terms from apprehensions, by country and month, and draw them.

    ln y[c,t] - ln n[t] = a[c] + season[m] + X[c,t] b + mu[c,t]

y is apprehensions along the southwest border, and n is expected apprehensions per candidate: the
share who set out under the month's number of agents, times p / (1 - p r) for an apprehension
probability p and a repeat-attempt probability r. p has its FY2005 value and changes with the number
of agents. For Mexicans, r falls with the share who receive a sanction. A run with the record has
both inputs too, and no later figure at the line is read. Arrivals, which feed the recent-arrival
stock in a run, are estimated as apprehensions times (1 - p) / p. X contains the logs of the drivers
(recent-arrival stock, construction, income gap, homicide), and the years since the first month,
whose coefficient is the drift. The coefficients b have normal priors, and the cohort enters with
coefficient 1. mu is a random level: a random walk, a fading surge and a small error, which a
group's countries partly share. If the spreads of mu and the stock's persistence are fixed, b has a
normal posterior. The spreads maximise the marginal likelihood. The persistence is an assumption,
because the record does not identify it and a short persistence would only repeat the previous
month.

Published responses to construction, incomes and homicides are total effects after some years, which
include the effect of recent arrivals that the driver has caused. The priors of their coefficients
are therefore the published values divided by :func:`total_response`.

Apprehensions are read from October 1999 to the last month only. Yearly drivers refer to mid-year
and are interpolated, so that the months after June also depend on the next year's driver. Each
group is estimated separately.

A member's terms are a draw from the posterior. The posterior is estimated from months up to
September 2013 (also for the scenario `history`) or, for a forecast one year ahead, up to the
September before the forecast. In a scenario, both groups have the same response to incomes, so the
groups' posteriors are combined and their common prior counts once. The draw depends only on the
member's number: member 17 has the same terms in every calibration, whatever its other parameters
are.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from abm.phases.dated_inputs import sanctioned_share
from abm.supply import (
    RecordedDrivers,
    apprehension_probability,
    arrivals_per_apprehension,
    log_staff,
)
from abm.world import geography
from agents.labels import COUNTRIES
from agents.outcomes import Group
from agents.param import SettingError, params_of
from agents.supply_terms import SupplyTermParams

if TYPE_CHECKING:
    from experiments.calibration.ensemble import Member

FIRST, LAST = (2000, 10), (2013, 9)
LAST_ALLOWED = (2019, 5)  # later months are held out
_MIN_MONTHS = 36
_COUNTRIES = {
    Group.MEXICAN: {"MX": "Mexico"},
    Group.NORTHERN_TRIANGLE: {"GT": "Guatemala", "HN": "Honduras", "SV": "El Salvador"},
}
BEFORE = 12  # months of the record before FIRST that initialise the stock
_WIDE = 10.0  # standard deviation of constants and seasons
_ERROR = 0.05  # standard deviation of the monthly error, log points [A]
_SURGE_KEEP = 0.5  # share of a surge that remains after a month [A]
_SPREADS = (0.001, 1.0)  # bounds of the spreads of level and surge, log points a month
KEEP = 0.75  # share of the recent-arrival stock that remains after a year
_COMMON = 0.8  # share of mu's variance that a group's countries have in common [A]

#: Probability of another attempt after an apprehension (for Mexicans, without a sanction): the
#: middle of the priors on `migrants.retry_mexican` and `migrants.retry_removed` [A].
RETRY = {Group.MEXICAN: 0.55, Group.NORTHERN_TRIANGLE: 0.30}
#: Fall in the log-odds of another attempt by Mexicans who receive a sanction: the middle of the
#: prior on `migrants.sanction_removal`, from Bazzi et al. 2021.
SANCTION = 0.44
#: Elasticity of Mexican departures with respect to the number of agents, from Gathmann 2008
#: (unlawful migration fell by 10 % while enforcement tripled; us/smuggler_fees.csv). Other groups
#: have no published estimate.
DEPARTURES_OF_STAFF = {Group.MEXICAN: -0.10, Group.NORTHERN_TRIANGLE: 0.0}
_PERIOD = 6  # years that the published responses cover

#: Published responses with their standard deviations, from docs/background/evidence-people.md.
#: Construction, income and homicide are total effects, network and drift are coefficients.
PUBLISHED: Mapping[str, tuple[float, float]] = {
    "network": (0.7, 0.2),
    "construction": (1.0, 0.7),
    "income": (0.8, 0.3),
    "homicide": (0.35, 0.15),
    "drift": (0.0, 0.2),
}
#: Responses that differ by group: evidence that homicides make Mexicans emigrate is weak.
_GROUP_PRIORS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "mexican": {"homicide": (0.05, 0.05)}
}
_TOTAL_EFFECTS = ("construction", "income", "homicide")
TERMS = tuple(PUBLISHED)


@dataclass(frozen=True, slots=True)
class Panel:
    """Apprehensions and drivers by country for a group.

    Attributes:
        countries: country codes.
        months: calendar month, 0 for January, shape (months,).
        log_flow: log apprehensions less log expected apprehensions per candidate and less
            the log cohort, shape (months, countries).
        flow: apprehensions, starting ``BEFORE`` months earlier, shape (BEFORE + months,
            countries).
        arrivals: arrivals per apprehension in the same months, shape (BEFORE + months,).
        drivers: log construction, income gap and homicide, and years since the first month,
            shape (4, months, countries).
    """

    countries: tuple[str, ...]
    months: np.ndarray
    log_flow: np.ndarray
    flow: np.ndarray
    arrivals: np.ndarray
    drivers: np.ndarray


@dataclass(frozen=True, slots=True)
class SupplyFit:
    """Estimated supply terms for a group.

    Attributes:
        group: group name.
        months: number of months.
        mean, sd: the coefficients' posterior by term.
        keep: share of the recent-arrival stock left after a year.
        level_sd, surge_sd: monthly standard deviations, log points.
        log_likelihood: marginal log likelihood at these estimates, up to a constant.
        covariance: posterior covariance of the coefficients, shape (terms, terms).
    """

    group: str
    months: int
    mean: Mapping[str, float]
    sd: Mapping[str, float]
    keep: float
    level_sd: float
    surge_sd: float
    log_likelihood: float
    covariance: np.ndarray = field(repr=False, compare=False)


def fit_supply(group: Group, last: tuple[int, int] = LAST, keep: float = KEEP) -> SupplyFit:
    """Estimate the supply terms for a group.

    Args:
        group: Mexicans, or the three Northern Triangle countries together.
        last: last month (year, month) that is read.
        keep: share of the recent-arrival stock left after a year.

    Returns:
        The estimates.

    Raises:
        SettingError: `last` is too early or held out, or `keep` is not from 0.05 to 0.99.
    """
    _check_last(last)
    if not 0.05 <= keep <= 0.99:
        raise SettingError("keep", f"{keep:g} is out of bounds", "Give a share from 0.05 to 0.99.")
    return fit_panel(panel_of(group, last), group.name.lower(), keep)


def panel_of(group: Group, last: tuple[int, int]) -> Panel:
    """Read a group's apprehensions and drivers up to a month.

    Args:
        group: Mexicans, or the three Northern Triangle countries together.
        last: last month (year, month).

    Returns:
        The panel.
    """
    countries, columns = zip(*_COUNTRIES[group].items(), strict=True)
    first = f"{FIRST[0] - 1}-{FIRST[1]:02d}"
    end = f"{last[0]}-{last[1]:02d}"
    series = [geography.monthly_by_citizenship(name, first, end) for name in columns]
    flow = np.maximum(np.array([[v for *_, v in column] for column in series]).T, 1.0)
    every = [year + (month - 0.5) / 12.0 for year, month, _ in series[0]]
    times = every[BEFORE:]
    record, rows = RecordedDrivers(), [COUNTRIES.index(country) for country in countries]
    cohort = np.array([record.log_cohort(t)[rows] for t in times])
    built = np.array([[record.log_construction(t)] * len(countries) for t in times])
    gap, homicide = (
        np.stack([_yearly(country, name, times) for country in countries], axis=1)
        for name in ("gap", "homicide_rate_unodc")
    )
    months = np.array([month - 1 for _, month, _ in series[0][BEFORE:]])
    log_flow = np.log(flow[BEFORE:]) - log_attempts(group, times)[:, None] - cohort
    years = np.repeat(np.array(times)[:, None] - times[0], len(countries), axis=1)
    return Panel(
        countries=tuple(countries),
        months=months,
        log_flow=log_flow,
        flow=flow,
        arrivals=arrivals_per_apprehension(every),
        drivers=np.stack([built, gap, homicide, years]),
    )


def priors_of(group: str, keep: float = KEEP) -> dict[str, tuple[float, float]]:
    """Return prior mean and standard deviation for each coefficient in a group.

    Args:
        group: group name. For any other name, the common priors are returned.
        keep: share of the recent-arrival stock left after a year.

    Returns:
        Pairs by term, ordered as in ``TERMS``.
    """
    published = {**PUBLISHED, **_GROUP_PRIORS.get(group, {})}
    total = total_response(published["network"][0], keep)
    return {
        name: (mean / total, sd / total) if name in _TOTAL_EFFECTS else (mean, sd)
        for name, (mean, sd) in published.items()
    }


def total_response(network: float, keep: float, years: int = _PERIOD) -> float:
    """Return the ratio of the supply response after some years to the first month's response.

    The arrivals that a lasting driver change causes add to the recent-arrival stock. The stock is
    computed month by month, in logs around a constant flow.

    Args:
        network: stock coefficient.
        keep: share of the stock left after a year.
        years: years after the change.

    Returns:
        The ratio. It is 1 if supply does not respond to the stock.
    """
    monthly, stock = keep ** (1.0 / 12.0), 0.0
    for _ in range(12 * years):
        stock = monthly * stock + (1.0 - monthly) * (1.0 + network * stock)
    return 1.0 + network * stock


def fit_panel(panel: Panel, name: str = "", keep: float = KEEP) -> SupplyFit:
    """Estimate the terms from a panel.

    Args:
        panel: apprehensions and drivers.
        name: group name.
        keep: share of the recent-arrival stock left after a year.

    Returns:
        The estimates.
    """
    regression = _regression(panel, keep, priors_of(name, keep))

    def loss(theta: np.ndarray) -> float:
        return -_posterior(regression, *_spreads(theta))[0]

    tolerances = {"xatol": 1e-2, "fatol": 1e-3}
    optimum = minimize(loss, np.zeros(2), method="Nelder-Mead", options=tolerances)
    level, surge = _spreads(optimum.x)
    likelihood, mean, covariance = _posterior(regression, level, surge)
    sd = np.sqrt(np.diag(covariance))
    return SupplyFit(
        group=name,
        months=panel.months.size,
        mean=dict(zip(TERMS, mean.tolist(), strict=True)),
        sd=dict(zip(TERMS, sd.tolist(), strict=True)),
        keep=keep,
        level_sd=level,
        surge_sd=surge,
        log_likelihood=likelihood,
        covariance=covariance,
    )


def _spreads(theta: np.ndarray) -> tuple[float, float]:
    """Convert two unbounded numbers to the spreads of level and surge."""
    level, surge = np.clip(0.05 * np.exp(np.clip(theta, -10.0, 10.0)), *_SPREADS)
    return float(level), float(surge)


@dataclass(frozen=True, slots=True)
class _Regression:
    """Parts of the regression that do not depend on mu's spreads.

    Attributes:
        prior_mean, prior_sd: prior by coefficient, shape (terms,).
        x: terms by contrast between countries, shape (terms, months, countries).
        rest: log flow less the prior expectation by contrast, shape (months, countries).
        walk, fading, season: covariance for a random walk, a surge and the seasons, each for a
            spread of 1, shape (months, months).
    """

    prior_mean: np.ndarray
    prior_sd: np.ndarray
    x: np.ndarray
    rest: np.ndarray
    walk: np.ndarray
    fading: np.ndarray
    season: np.ndarray


def _regression(
    panel: Panel, keep: float, priors: Mapping[str, tuple[float, float]]
) -> _Regression:
    """Return a panel's regression by contrast between its countries.

    The contrasts are an orthonormal basis: the mean over countries, then differences between them.
    mu, constants and seasons are independent between contrasts, so each contrast is solved
    separately.
    """
    countries = panel.log_flow.shape[1]
    basis = np.linalg.qr(np.column_stack([np.ones(countries), np.eye(countries)[:, 1:]]))[0]
    terms = np.stack([log_stock(panel, keep), *panel.drivers])  # shape (terms, months, countries)
    prior_mean, prior_sd = np.array(list(priors.values())).T
    expected = np.tensordot(prior_mean, terms, 1)
    centred = panel.log_flow - panel.log_flow.mean() - (expected - expected.mean())
    t = np.arange(panel.months.size)
    return _Regression(
        prior_mean=prior_mean,
        prior_sd=prior_sd,
        x=terms @ basis,
        rest=centred @ basis,
        walk=np.minimum(t[:, None], t) + 1.0,
        fading=_SURGE_KEEP ** np.abs(t[:, None] - t) / (1.0 - _SURGE_KEEP**2),
        season=(panel.months[:, None] == panel.months).astype(float),
    )


def _posterior(
    regression: _Regression, level: float, surge: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the marginal log likelihood, and the coefficients' mean and covariance."""
    x, rest, prior_sd = regression.x, regression.rest, regression.prior_sd
    information, score = np.diag(prior_sd**-2), np.zeros(len(TERMS))
    likelihood = -np.log(prior_sd).sum()
    common = _cholesky(regression, level, surge, common=True)
    separate = _cholesky(regression, level, surge, common=False)
    for k in range(rest.shape[1]):
        factor = separate if k else common
        solved = cho_solve(factor, np.column_stack([rest[:, k], x[:, :, k].T]))
        information += x[:, :, k] @ solved[:, 1:]
        score += x[:, :, k] @ solved[:, 0]
        likelihood -= 0.5 * rest[:, k] @ solved[:, 0] + np.log(np.diag(factor[0])).sum()
    covariance = np.linalg.inv(information)
    shift = covariance @ score
    likelihood += 0.5 * score @ shift - 0.5 * np.linalg.slogdet(information)[1]
    return float(likelihood), regression.prior_mean + shift, covariance


def _cholesky(
    regression: _Regression, level: float, surge: float, *, common: bool
) -> tuple[np.ndarray, bool]:
    """Return the covariance's Cholesky factor for the mean contrast, or for a difference.

    Args:
        regression: covariances for spreads of 1.
        level, surge: mu's spreads.
        common: whether the factor is for the mean, which contains mu's common part and the seasons.

    Returns:
        The factor, for ``cho_solve``.
    """
    months, countries = regression.rest.shape
    share = 1.0 - _COMMON + countries * _COMMON * common
    noise = share * (level**2 * regression.walk + surge**2 * regression.fading)
    noise += _ERROR**2 * np.eye(months) + _WIDE**2
    if common:
        noise += countries * _WIDE**2 * regression.season
    factor, lower = cho_factor(noise, lower=True)
    return np.asarray(factor), bool(lower)


def log_stock(panel: Panel, keep: float) -> np.ndarray:
    """Return the log recent-arrival stock at the start of each month.

    Args:
        panel: apprehensions and drivers.
        keep: share of the stock left after a year.

    Returns:
        Logs, shape (months, countries).
    """
    monthly = keep ** (1.0 / 12.0)
    arrived = panel.flow * panel.arrivals[:, None]
    stock = arrived[:BEFORE].mean(axis=0) / (1.0 - monthly)
    stocks = []
    for k, persons in enumerate(arrived):
        if k >= BEFORE:
            stocks.append(stock)
        stock = monthly * stock + persons
    return np.log(stocks)


def _yearly(country: str, name: str, times: list[float]) -> np.ndarray:
    """Interpolate the log of a country's yearly series at the given times."""
    years, values = _series(country, name)
    return np.interp(times, years, values)


@functools.cache
def _series(country: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return mid-years and log values of a country's series. ``gap`` is the income ratio."""
    if name == "gap":
        income = "gdp_per_capita_ppp_constant"
        us_income, own_income = (geography.country_series(c, income) for c in ("US", country))
        values = {
            year: us_income[year] / own_income[year] for year in own_income if year in us_income
        }
    else:
        values = geography.country_series(country, name)
    years = sorted(values)
    return np.array(years) + 0.5, np.log([values[year] for year in years])


def log_attempts(group: Group, times: list[float]) -> np.ndarray:
    """Return log expected apprehensions per candidate at the given times.

    Args:
        group: group of the candidates, which sets their response to agents and the probability of
            another attempt.
        times: years with decimals.

    Returns:
        Logs up to a constant, shape (times,).
    """
    caught = apprehension_probability(times)
    attempts = np.log(caught / (1.0 - _retry(group, times) * caught))
    return attempts + DEPARTURES_OF_STAFF[group] * log_staff(times)


def _retry(group: Group, times: list[float]) -> np.ndarray:
    """Return the probability of another attempt after an apprehension at the given times."""
    base = np.full(len(times), RETRY[group])
    if group != Group.MEXICAN:
        return base
    years = range(FIRST[0], LAST_ALLOWED[0] + 2)
    shares = [sanctioned_share(year) for year in years]
    share = np.interp(times, [year + 0.25 for year in years], shares)
    odds = base / (1.0 - base) * np.exp(-SANCTION)
    return (1.0 - share) * base + share * odds / (1.0 + odds)


def _check_last(last: tuple[int, int]) -> None:
    """Raise ``SettingError`` for a month at which the estimate cannot end."""
    months = 12 * (last[0] - FIRST[0]) + last[1] - FIRST[1] + 1
    if months < _MIN_MONTHS or last > LAST_ALLOWED or not 1 <= last[1] <= 12:
        raise SettingError(
            "last",
            f"the month {last[0]}-{last[1]:02d} cannot end the estimate",
            "Give a month from 2003-09 to 2019-05; later months are held out.",
        )


# ---- draws --------------------------------------------------------------------------------------

#: Multiple of the base rate at which candidates are drawn [A]. It limits the rise that recent
#: arrivals can cause.
ENVELOPE = 3.0
MAX_NETWORK = 0.95  # maximum response to recent arrivals in a draw [A]
_SEED = 201_309
_BY_GROUP = ("network", "construction", "drift", "homicide")  # a coefficient for each group
_SHARED = ("income",)  # one coefficient for both groups
_SIGNED = ("drift",)  # may have either sign; other coefficients are at least 0
_DIGITS = 4


def member_supply(member: Member, last: tuple[int, int] = LAST) -> dict[str, Any]:
    """Return a member's supply terms, estimated up to a month, as settings by path.

    Runs that explain supply (scenario `history`, forecasts one year ahead) use these settings.
    Other runs use their scenario's supply and no estimated terms.

    Args:
        member: an ensemble member.
        last: last month (year, month) that the estimate reads.

    Returns:
        The stored terms if the ensemble was estimated up to `last`, otherwise the draw for the
        member's number.
    """
    if last == LAST and member.supply:
        return dict(member.supply)
    return draw_supply(member.number, last)


def draw_supply(number: int, last: tuple[int, int] = LAST) -> dict[str, Any]:
    """Draw a member's supply terms.

    A draw is repeated if a response to recent arrivals exceeds ``MAX_NETWORK``. With a response of
    1 or more, supply would rise without limit.

    Args:
        number: number of the member in its ensemble, from 0.
        last: last month (year, month) that the estimate reads.

    Returns:
        Settings by dotted path: coefficients from their posterior, and estimated spreads of the
        random level. The responses to homicides and incomes act under the supply ``fy2013_push``.
    """
    mean, covariance = _combined(last)
    rng = np.random.default_rng((_SEED, number))
    coefficients = rng.multivariate_normal(mean, covariance)
    while max(coefficients[:2]) > MAX_NETWORK:
        coefficients = rng.multivariate_normal(mean, covariance)
    return _settings(coefficients, last)


def mean_supply(last: tuple[int, int] = LAST) -> dict[str, Any]:
    """Return the supply terms' posterior means.

    Args:
        last: last month (year, month) that the estimate reads.

    Returns:
        Settings by dotted path, as from :func:`draw_supply`.
    """
    return _settings(_combined(last)[0], last)


def _settings(values: np.ndarray, last: tuple[int, int]) -> dict[str, Any]:
    """Return settings for coefficients that are ordered as in :func:`_combined`."""
    by_name = {
        name: values[2 * k : 2 * k + 2]
        if name in _SIGNED
        else np.maximum(values[2 * k : 2 * k + 2], 0.0)
        for k, name in enumerate(_BY_GROUP)
    }
    pairs = {name: pair.round(_DIGITS).tolist() for name, pair in by_name.items()}
    homicide = pairs.pop("homicide")
    return (
        {f"supply_terms.{name}": _bounded(name, pair) for name, pair in pairs.items()}
        | {"migrants.homicide_elasticity": 1.0, "migrants.homicide_factor": homicide}
        | {"migrants.income_elasticity": round(max(0.0, float(values[-1])), _DIGITS)}
        | _shared_settings(last)
        | {"migrants.envelope": ENVELOPE}
    )


def _bounded(name: str, values: list[float]) -> list[float]:
    """Clip values to a term's declared bounds."""
    declared = params_of(SupplyTermParams)[name]
    return [float(min(declared.high, max(declared.low, value))) for value in values]


def _shared_settings(last: tuple[int, int]) -> dict[str, Any]:
    """Return the settings that are the same for all members."""
    fits = _fits(last)
    return {
        "supply_terms.network_keep": fits[0].keep,
        "supply_terms.cohort": [1.0, 1.0],
        "supply_terms.level_sd": [round(fit.level_sd, _DIGITS) for fit in fits],
        "supply_terms.surge_sd": [round(fit.surge_sd, _DIGITS) for fit in fits],
    }


@functools.cache
def _fits(last: tuple[int, int]) -> tuple[SupplyFit, ...]:
    """Estimate the terms of both groups from the months up to `last`."""
    return tuple(fit_supply(group, last) for group in (Group.MEXICAN, Group.NORTHERN_TRIANGLE))


@functools.cache
def _combined(last: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Combine the posteriors of both groups.

    Returns:
        The coefficients' mean and covariance: each term in ``_BY_GROUP`` for both groups, then
        the terms in ``_SHARED``.
    """
    size = 2 * len(_BY_GROUP) + len(_SHARED)
    precision, weighted = np.zeros((size, size)), np.zeros(size)
    for g, fit in enumerate(_fits(last)):
        places = [
            2 * _BY_GROUP.index(name) + g
            if name in _BY_GROUP
            else 2 * len(_BY_GROUP) + _SHARED.index(name)
            for name in TERMS
        ]
        inverse = np.linalg.inv(fit.covariance)
        precision[np.ix_(places, places)] += inverse
        weighted[places] += inverse @ np.array([fit.mean[name] for name in TERMS])
    for k, name in enumerate(_SHARED, 2 * len(_BY_GROUP)):  # count the common prior once
        mean, sd = priors_of("")[name]
        precision[k, k] -= sd**-2
        weighted[k] -= mean * sd**-2
    covariance = np.linalg.inv(precision)
    return covariance @ weighted, (covariance + covariance.T) / 2.0
