"""Consequences when authorities encounter a person, on both sides of the border.

The two countries apply different consequences, which differ in the harm to people who need
protection. Beds and courts are limited. A keyed lottery allocates them, so the order of arrival has
no effect.
"""

from dataclasses import dataclass

from agents.chance import draw4
from agents.environment import Stream
from agents.jit import inlined, shared
from agents.labels import GROUPS, KINDS, NATIONS
from agents.migrants.columns import CAUGHT
from agents.migrants.tallies import exact, finish, post, post_at, post_by_nation, wait
from agents.outcomes import Consequence, Event, Status
from agents.param import param

_MEXICO = NATIONS.index("MX")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsequenceParams:
    """What follows an apprehension, by group and kind, within limited capacities."""

    release: tuple[float, ...] = param(
        (0.05, 0.85, 0.97),
        unit="share",
        labels=KINDS,
        doc="Northern Triangle people released to proceedings after a U.S. apprehension.",
        source="[A] no share published: looked in CRS, GAO and TRAC; the family centre at Berks "
        "has 96 beds (WHYY, 2019)",
        sources={
            "child": (
                "0.96 to 0.98: 496 children returned in 2013 (MPI in Cronkite News, June 2014) of "
                "23,000 transferred; 4,630 of 111,250 from FY2012 (ICE in CNSNews, 7 July 2015)"
            ),
        },
    )
    release_mexican: tuple[float, ...] = param(
        (0.01, 0.05, 0.03),
        unit="share",
        labels=KINDS,
        doc="Mexicans released after a U.S. apprehension.",
        source="[A] GAO-15-521: 93 % of Mexican children under 14 were returned, FY2009-14",
    )
    prosecution: tuple[float, ...] = param(
        (0.286, 0.286),
        unit="share",
        labels=GROUPS,
        doc="Adults referred to prosecution while courts have capacity.",
        source="us/usbp_sector_profile_fy2011_2019.csv accepted_prosecutions FY2013, 103,040, of "
        "360,783 adults (us/usbp_sector_demographic_fy.csv); the same for both groups",
    )
    voluntary_return: tuple[float, ...] = param(
        (0.217, 0.60, 0.95),
        unit="share",
        labels=KINDS,
        doc="Mexicans returned without a removal order, of those not released or prosecuted.",
        source="[A] return without an order is the rule for Mexican children by the law of 2008",
        sources={
            "child": (
                "0.93 of Mexican children under 14 were returned, FY2009-14 (GAO-15-521, 2015): "
                "0.93 to 1 of those not released"
            ),
            "adult": (
                "0.217 of Mexicans: 178,371 returns, 49 % Mexican; 438,421 removals, 72 % Mexican "
                "(DHS, Enforcement Actions 2013)"
            ),
        },
    )
    beds: float = param(
        34_000.0,
        unit="persons",
        high=500_000.0,
        doc="Detention places for people apprehended at the line.",
        source="[A] drivers/detention_courts.csv detention_beds_funded FY2013, 34,000 in the whole "
        "country; use by arrests in the interior is not modelled",
    )
    courts: float = param(
        282.0,
        unit="persons/day",
        high=100_000.0,
        doc="Prosecutions per day that courts at the line accept.",
        source="us/usbp_sector_profile_fy2011_2019.csv accepted_prosecutions FY2013, 103,040 "
        "in 365 days",
    )
    stay_removal: tuple[float, ...] = param(
        (1.6, 29.6),
        unit="days",
        high=730.0,
        labels=GROUPS,
        doc="Days in detention before removal.",
        source="drivers/detention_courts.csv average_length_of_stay FY2014, 29.6 days, all people "
        "detained by ICE",
        sources={
            "mexican": (
                "39 hours in custody of the Border Patrol, mean of all people apprehended from "
                "September 2014 to August 2015 (Cato Institute, from its records)"
            ),
        },
    )
    stay_prosecution: float = param(
        30.0,
        unit="days",
        high=730.0,
        doc="Days in detention of people prosecuted.",
        source="ACLU, Immigration Reform Should Eliminate Operation Streamline "
        "(docslib.org/doc/10613387): sentences of 30 days on average",
    )
    stay_for_hearing: float = param(
        0.5,
        unit="share",
        doc="Share of the stay before removal that is spent waiting for an asylum officer.",
        source="[A] 8 days (NIJC, October 2013) to 27 (Noferi 2014, Center for Migration Studies), "
        "of 29.6",
    )
    screening_us: float = param(
        0.10,
        unit="probability",
        doc="Probability that a need of protection is recognised before a removal by the U.S.",
        source="Human Rights Watch (2014), You Don't Have Rights Here, in Fronteras Desk, 16 "
        "October 2014: 2.4 % of people flagged in 2011-12 (weights FY2013), over a need of 0.23",
    )
    screening_mexico: float = param(
        0.016,
        unit="probability",
        doc="Probability that a need of protection is recognised before a return by Mexico.",
        source="COMAR 2013 in La Jornada, 1 November 2014: 298 recognised, 80,079 removed "
        "(drivers/mx_inm_annual_extra.csv), over a need of 0.23",
    )
    returned_by_mexico: tuple[float, ...] = param(
        (0.96, 0.94, 0.77),
        unit="share",
        labels=KINDS,
        doc="Share of people stopped by Mexico who are returned south.",
        source="[A] mexico/mx_inm_annual_total.csv 2011-2018: 95 % of all ages together",
        sources={"child": "MPI, 77 of 100 children in 2014"},
    )
    asylum_mexico: tuple[float, ...] = param(
        (0.016, 0.016, 0.016),
        unit="share",
        labels=KINDS,
        doc="People referred to asylum in Mexico; the rest are released with an exit order.",
        source="COMAR 2013 in La Jornada, 1 November 2014: 1,296 applications; 80,079 removed "
        "(drivers/mx_inm_annual_extra.csv); all ages",
    )
    release_for_room: tuple[float, ...] = param(
        (0.5, 0.5, 0.1),
        unit="share",
        labels=KINDS,
        doc="Share of those released who would be held and decided, given beds and officers.",
        source="[A] no share for families and children",
        sources={
            "adult": (
                "[A] us/release_otm.csv: the majority of the releases of FY2005 were for lack of "
                "places, and nobody was released from August 2006 on: 0.5 to 1"
            ),
        },
    )
    release_without_bed: tuple[float, ...] = param(
        (0.1, 1.0, 1.0),
        unit="probability",
        labels=KINDS,
        doc="Probability that a person to be removed is released if no bed is free; the others are "
        "removed after at most the stay of a Mexican.",
        source="[A] adult: 0 to 0.15; 1 in FY2005 (us/release_otm.csv)",
    )
    asylum_officers: float = param(
        273.0,
        unit="officers",
        low=1.0,
        high=10_000.0,
        doc="Asylum officers who conduct hearings in the base year.",
        source="USCIS in AILA Doc. 15020642 (5 February 2015): 448 positions after 175 more, 65 % "
        "above July 2013",
    )
    stay_mexico: float = param(
        5.0,
        unit="days",
        high=365.0,
        doc="Days of detention before a return by Mexico.",
        source="EMIF Sur 2016-17: median 4 to 5 days in custody before the return "
        "(docs/background/evidence-people.md, section 2)",
    )
    transfer_days: float = param(
        7.0,
        unit="days",
        low=1.0,
        high=90.0,
        doc="Days until a person whom Mexico moves south is free again, mean.",
        source="[A] after EMIF Sur 2016-17: 5 to 6 days in Mexican custody on average, 2-15 for "
        "eight in ten (docs/background/evidence-people.md, section 2); no record of transfers",
    )
    transfer_days_spread: float = param(
        8.0,
        unit="days",
        high=30.0,
        doc="Width of the uniform distribution of transfer_days.",
    )
    custody_hours: tuple[float, ...] = param(
        (5.0, 16.0, 16.0),
        unit="agent-hours/person",
        high=100.0,
        labels=KINDS,
        doc="Agents' hours for a person apprehended between ports: transport, custody, papers.",
        source="[A] after Senate testimony of 26 June 2019, 40-60 % of manpower (13 hours a "
        "person); split between kinds assumed",
    )
    custody_hours_brief: float = param(
        2.0,
        unit="agent-hours/person",
        high=100.0,
        doc="Agents' hours for a person who is returned voluntarily or expelled, of any kind.",
    )


@inlined
def _count_recidivism(p, day_tallies, year):
    """Count a person's first and second apprehension in a fiscal year."""
    if p.caught_year != year:
        p.caught_year, p.caught_in_year = year, 1
        post(day_tallies, p, Event.FIRST_APPREHENSION_FY)
    else:
        p.caught_in_year = min(100, p.caught_in_year + 1)
        if p.caught_in_year == 2:
            post(day_tallies, p, Event.REPEAT_APPREHENSION_FY)


@inlined
def apprehend_us(p, today, sector, params, day_tallies, seed):
    """Apply a U.S. apprehension: expulsion, release, prosecution, return or removal.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        sector: line sector, -1 elsewhere.
        params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    post_at(day_tallies, p, Event.APPREHENDED_US, sector)
    post_by_nation(day_tallies, p, CAUGHT, params)
    _count_recidivism(p, day_tallies, int(params.fiscal_year))
    _decide(p, today, params, day_tallies, seed)
    if sector >= 0:
        brief = (
            p.consequence == Consequence.VOLUNTARY_RETURN or p.consequence == Consequence.EXPULSION
        )
        hours = params.custody_hours_brief if brief else params.custody_hours[p.kind]
        day_tallies.hours[sector] += exact(hours * p.weight)


@shared
def _decide(p, today, params, day_tallies, seed):
    """Draw the consequence of an apprehension, or of a detection at a port."""
    u = draw4(seed, Stream.CONSEQUENCE_US, p.uid, p.caught)
    p.caught += 1
    nation, k = int(params.nation[p.origin]), p.kind
    if _is_expelled(p, today, nation, params, day_tallies, seed):
        return
    release = params.release_share[nation, k]
    if u[0] < release:
        _release(p, today, Event.RELEASED_US, params, day_tallies, seed)
        return
    uniform = (u[0] - release) / (1.0 - release)
    if k == 0 and uniform < params.prosecution[nation]:
        day_tallies.court_requests += p.weight
        if u[1] < params.court_free:
            stay = params.stay_prosecution
            _hold(p, today, Consequence.PROSECUTION, stay, Event.PROSECUTED, day_tallies)
            return
    if p.group == 0:
        how, event = Consequence.REMOVAL, Event.REMOVED_US
        if u[3] < params.voluntary[nation, k]:
            how, event = Consequence.VOLUNTARY_RETURN, Event.VOLUNTARY_RETURN
        _hold(p, today, how, params.stay_removal[nation, k], event, day_tallies)
        return
    removed = _is_removed(p, today, u[2], Event.RELEASED_US, params, day_tallies, seed)
    if removed and p.protection and u[3] >= params.screening_us:
        post(day_tallies, p, Event.RETURNED_UNSCREENED)


@shared
def _is_removed(p, today, u, released, params, day_tallies, seed):
    """Hold a person for removal, or post the event `released` and release the person.

    If no bed is free, a share of people is released. All others are held for a short time and
    removed. Additional beds never cause a release.
    """
    day_tallies.bed_requests += p.weight
    nation, k = int(params.nation[p.origin]), p.kind
    if u >= 1.0 - params.release_without_bed[nation, k] * (1.0 - params.bed_free):
        post(day_tallies, p, Event.OVERFLOW_RELEASE)
        _release(p, today, released, params, day_tallies, seed)
        return False
    stay = params.stay_removal[nation, k]
    if u >= params.bed_free:
        stay = min(stay, params.stay_removal[_MEXICO, k])
    _hold(p, today, Consequence.REMOVAL, stay, Event.REMOVED_US, day_tallies)
    return True


@inlined
def _is_expelled(p, today, nation, params, day_tallies, seed):
    """Draw an expulsion, to the line or home. If drawn, apply it. Return whether it happens."""
    share = params.expelled[nation, p.kind]
    if share <= 0.0:
        return False
    u = draw4(seed, Stream.EXPULSION, p.uid, p.caught)
    if u[0] >= share:
        return False
    p.place = (
        p.gate if u[1] < params.expelled_to_line[nation] else int(params.origin_place[p.origin])
    )
    _hold(p, today, Consequence.EXPULSION, 0.0, Event.EXPELLED, day_tallies)
    if p.protection:
        post(day_tallies, p, Event.RETURNED_UNSCREENED)
    return True


@inlined
def refuse_entry(p, today, sector, params, day_tallies, seed):
    """Refuse entry at a port, with the consequences of an apprehension.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        sector: line sector, -1 elsewhere.
        params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    post_at(day_tallies, p, Event.INADMISSIBLE, sector)
    _decide(p, today, params, day_tallies, seed)


@inlined
def process_protection_request(p, today, params, day_tallies, seed):
    """Process a request for protection at a port: release to proceedings, or removal.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    u = draw4(seed, Stream.CONSEQUENCE_US, p.uid, p.caught)
    p.caught += 1
    if u[0] < params.release_share[int(params.nation[p.origin]), p.kind]:
        _release(p, today, Event.RELEASED_PORT, params, day_tallies, seed)
    else:
        _is_removed(p, today, u[2], Event.RELEASED_PORT, params, day_tallies, seed)


@shared
def _release(p, today, released, params, day_tallies, seed):
    """Release a person to U.S. proceedings, or send a non-Mexican to Mexico to wait."""
    share = params.wait_share if p.group > 0 else 0.0
    if share > 0.0 and draw4(seed, Stream.WAIT, p.uid, p.caught)[0] < share:
        p.consequence, p.place = Consequence.WAIT, p.gate
        post(day_tallies, p, Event.SENT_TO_WAIT)
        wait(day_tallies, p, Status.WAITS_IN_MEXICO, today + 1 + int(params.wait_in_mexico_days))
        return
    p.consequence = Consequence.RELEASE
    post(day_tallies, p, released)
    day_tallies.released[p.origin, p.kind] += p.weight
    finish(day_tallies, p, Status.RELEASED)


@shared
def _hold(p, today, consequence, days, event, day_tallies):
    """Hold a person in U.S. custody for a number of days, and post the event."""
    post(day_tallies, p, event)
    p.consequence = consequence
    day_tallies.held[p.group] += p.weight
    wait(day_tallies, p, Status.HELD_US, today + 1 + int(days))


@inlined
def apprehend_mexico(p, today, params, day_tallies, seed):
    """Apply an apprehension by Mexico: return, transfer, referral to asylum, or release.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        params, day_tallies: day-loop records.
        seed: seed for keyed draws.

    Returns:
        True if the person is released and may travel on.
    """
    post(day_tallies, p, Event.APPREHENDED_MEXICO)
    u = draw4(seed, Stream.CONSEQUENCE_MX, p.uid, p.caught)
    p.caught += 1
    k = p.kind
    recognised = p.protection and u[1] < params.screening_mexico
    if not recognised and u[0] < params.returned_by_mexico[k]:
        if u[2] < params.transferred:
            p.consequence = Consequence.TRANSFER
            post(day_tallies, p, Event.TRANSFERRED_SOUTH)
            days = params.transfer_days + params.transfer_days_spread * (u[3] - 0.5)
            wait(day_tallies, p, Status.HELD_MEXICO, today + 1 + int(days))
            return False
        p.consequence = Consequence.RETURNED_BY_MEXICO
        post(day_tallies, p, Event.RETURNED_BY_MEXICO)
        if p.protection:
            post(day_tallies, p, Event.RETURNED_UNSCREENED)
        wait(day_tallies, p, Status.HELD_MEXICO, today + 1 + int(params.stay_mexico))
        return False
    if recognised or u[0] < params.returned_by_mexico[k] + params.asylum_mexico[k]:
        post(day_tallies, p, Event.ASYLUM_REFERRED)
        finish(day_tallies, p, Status.ASYLUM_MEXICO)
        return False
    post(day_tallies, p, Event.RELEASED_MEXICO)
    return True
