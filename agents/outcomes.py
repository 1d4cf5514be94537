"""Outcome codes: groups, kinds, statuses, events, consequences, accounts.

Codes are small integers, because columns store them and tallies use them as indices. Stored records
depend on their order, so a new code is added at the end of its class.
"""

from enum import IntEnum

import numpy as np

from agents.labels import NATIONS


class Group(IntEnum):
    """Groups by legal position in Mexico. Mexicans may travel freely in their own country."""

    MEXICAN = 0
    NORTHERN_TRIANGLE = 1


#: Group of each row of the tables by nation.
GROUP_OF_NATION = np.array(
    [Group.MEXICAN if n == "MX" else Group.NORTHERN_TRIANGLE for n in NATIONS]
)


class Kind(IntEnum):
    """Kinds of migrants, as both countries count them."""

    ADULT = 0
    FAMILY = 1
    CHILD = 2  # unaccompanied child


class Mode(IntEnum):
    """Modes of travel."""

    SOLO = 0
    GUIDED = 1
    PORT = 2  # guided through a port of entry, hidden or with false papers


class Status(IntEnum):
    """A person's status. Every candidate has exactly one status."""

    STAYED = 0  # decided against leaving, without a row
    TRAVELLING = 1
    KIDNAPPED = 2
    HELD_MEXICO = 3
    HELD_US = 4
    RETURNED = 5  # at home, at the line or on the way, before the decision whether to try again
    GAVE_UP = 6
    SETTLED = 7  # in the U.S. after an undetected or unstopped entry
    RELEASED = 8  # in the U.S., released to proceedings
    ASYLUM_MEXICO = 9
    ADMITTED = 10  # through the legal channel
    REFUSED = 11  # not admitted through the legal channel
    WENT_HOME = 12  # returned home from the U.S. voluntarily
    DEAD = 13
    APPLIED = 14  # in the queue of the legal channel
    WAITS_IN_MEXICO = 15  # apprehended in the U.S., waits in Mexico for a hearing
    DEFERRED = 16  # at home, postponed the departure because of an announcement


class Event(IntEnum):
    """Events on a day. Every occurrence counts, so a person can be counted several times."""

    CANDIDATES = 0
    SET_OUT = 1  # start of the first trip
    TRIP = 2  # start of any trip, including the first
    GUIDED_TRIP = 3
    REACHED_LINE = 4
    LINE_ATTEMPT = 5  # attempt to evade the Border Patrol between ports
    SURRENDERED = 6
    APPREHENDED_US = 7
    APPREHENDED_BELT = 8  # part of APPREHENDED_US: at a checkpoint behind the line
    TURNED_BACK = 9
    GOT_AWAY_KNOWN = 10
    GOT_AWAY_UNDETECTED = 11
    RELEASED_US = 12
    VOLUNTARY_RETURN = 13
    REMOVED_US = 14
    PROSECUTED = 15
    APPREHENDED_MEXICO = 16
    RETURNED_BY_MEXICO = 17
    ASYLUM_REFERRED = 18
    RELEASED_MEXICO = 19
    EXTORTED = 20  # let go for money by an officer in Mexico
    KIDNAPPED = 21
    DEATHS = 22
    RETRIED = 23
    GAVE_UP = 24
    ADMITTED = 25
    REFUSED = 26
    WENT_HOME = 27
    RETURNED_UNSCREENED = 28  # needed protection, was returned without screening
    FIRST_APPREHENSION_FY = 29  # different persons apprehended in the fiscal year
    REPEAT_APPREHENSION_FY = 30  # second apprehension of such a person in the fiscal year
    GUIDED_DONE = 31  # guided trips that reached the line
    GUIDED_DONE_30 = 32  # part of GUIDED_DONE: within 30 days
    OVERFLOW_RELEASE = 33  # released because no bed was free
    UNAFFORDABLE = 34  # decided to try again, but no mode was affordable
    EVADER_FIRST_CAUGHT = 35  # evaders' first attempts that ended in apprehension
    EVADER_RETRIED = 36  # part of EVADER_FIRST_CAUGHT: tried again
    EVADER_RETRY_CAUGHT = 37  # part of EVADER_RETRIED: apprehended again
    PORT_ATTEMPT = 38  # attempt to pass a port of entry hidden or with false papers
    INADMISSIBLE = 39  # detected at a port
    PORT_ENTRY = 40  # passed a port undetected
    PRESENTED = 41  # requested protection at a port
    RELEASED_PORT = 42  # part of PRESENTED: released to proceedings
    APPLIED = 43  # joined the queue of the legal channel
    SENT_TO_WAIT = 44  # sent back to Mexico to wait for a hearing
    GRANTED = 45  # part of SENT_TO_WAIT: admitted after a hearing
    LEFT_IN_DEBT = 46  # gave up with a debt for the journey
    EXPELLED = 47  # returned at once by the U.S., without a sanction or a hearing
    TRANSFERRED_SOUTH = 48  # moved to the south of Mexico after an apprehension by Mexico
    DEFERRED = 49  # postponed the departure
    BROUGHT_FORWARD = 50  # candidates of later days who decide before an announced deadline


class Consequence(IntEnum):
    """Consequence of a person's last encounter."""

    NONE = 0
    TURNED_BACK = 1
    VOLUNTARY_RETURN = 2
    REMOVAL = 3
    PROSECUTION = 4
    RELEASE = 5
    RETURNED_BY_MEXICO = 6
    KIDNAPPING = 7
    WAIT = 8  # waited in Mexico for a hearing
    EXPULSION = 9
    TRANSFER = 10  # moved to the south of Mexico


#: Consequences after which another attempt continues the same trip.
CONTINUING = (
    *(Consequence.TURNED_BACK, Consequence.KIDNAPPING, Consequence.WAIT, Consequence.TRANSFER),
)


class Account(IntEnum):
    """Accounts. Every payment leaves one account and enters another."""

    MIGRANTS = 0
    ORGANISATIONS = 1
    SUPPLIERS = 2  # suppliers of transport, safe houses and guides, also to solo travellers
    CRIMINAL_GROUPS = 3  # kidnappers, and collectors of the passage tax for drug organisations
    OFFICIALS = 4  # recipients of bribes and extortion
    HOUSEHOLDS = 5  # families, from whom dollars enter the run and to whom they leave it
    US_TREASURY = 6
    MEXICO_TREASURY = 7
    PROGRAMMES = 8  # recipients of the treasuries' purchases
    DRUG_BUYERS = 9
    DRUG_ORGANISATIONS = 10


#: Accounts that pay for policies, by payer name.
PAYERS = {"us": Account.US_TREASURY, "mexico": Account.MEXICO_TREASURY, "users": Account.HOUSEHOLDS}

N_GROUPS, N_KINDS = len(Group), len(Kind)
N_EVENTS, N_STATUS, N_ACCOUNTS = len(Event), len(Status), len(Account)
N_CONSEQUENCES = len(Consequence)

#: Statuses of people who are still travelling or still have a decision to make.
ON_THE_WAY = (
    Status.TRAVELLING,
    Status.KIDNAPPED,
    Status.HELD_MEXICO,
    Status.HELD_US,
    Status.RETURNED,
    Status.APPLIED,
    Status.WAITS_IN_MEXICO,
    Status.DEFERRED,
)
