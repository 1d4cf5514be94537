"""Causal structure as data: variables, signed links, and the effects of levers on variables.

The sign +1 means that a rise in the cause raises the effect, all other causes equal. The sign -1
means that it lowers the effect. Every link names the code that implements it. Feedback loops with
a name are listed on the page that :mod:`abm.causal_page` writes.

Links describe effects on totals. A mechanism that only moves people between sectors, legs or
organisations does not change a total in a known direction, and is listed in :data:`OMITTED`.
"""

from __future__ import annotations

from dataclasses import dataclass

ROOMS = {
    "origin": "Origin countries",
    "home": "People at home",
    "way": "On the way",
    "smugglers": "Smugglers",
    "mexico": "Mexico",
    "line": "At the line",
    "custody": "Custody",
    "us": "United States",
    "ports": "Ports",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A model variable in the causal structure.

    Attributes:
        name: name in tables and in the diagram.
        room: group of the variable, a key in :data:`ROOMS`.
    """

    name: str
    room: str


@dataclass(frozen=True, slots=True)
class Link:
    """A causal link between two variables.

    Attributes:
        cause, effect: keys in :data:`VARIABLES`.
        sign: +1 or -1.
        delay: the delay in words, or "" for a link that acts within a day.
        where: code that implements the link, as "module:object".
        switch: setting that enables the link: a parameter path, or "levers." and the name of a
            lever, or "" for a link that is always on.
    """

    cause: str
    effect: str
    sign: int
    delay: str
    where: str
    switch: str = ""


VARIABLES: dict[str, Variable] = {
    "failure": Variable("State failure and homicide", "origin"),
    "income": Variable("Income at home", "origin"),
    "drivers": Variable("Construction jobs, young people", "origin"),
    "candidates": Variable("Candidates", "home"),
    "departures": Variable("Departures", "home"),
    "success": Variable("Expected success", "home"),
    "stop_belief": Variable("Believed risk of being stopped", "home"),
    "release_belief": Variable("Expected release", "home"),
    "announcements": Variable("Announcements believed", "home"),
    "waiting": Variable("People who wait at home", "home"),
    "legal_queue": Variable("Queue of the legal channel", "home"),
    "awareness": Variable("Communities that know of releases", "home"),
    "on_the_way": Variable("People on the way", "way"),
    "detours": Variable("Detours to remote routes", "way"),
    "kidnappings": Variable("Kidnappings", "way"),
    "deaths": Variable("Deaths", "way"),
    "clients": Variable("Clients of guides", "smugglers"),
    "price": Variable("Price of guides", "smugglers"),
    "profit": Variable("Profit from people", "smugglers"),
    "cells": Variable("Cells of organisations", "smugglers"),
    "reputation": Variable("Reputation of guides", "smugglers"),
    "revenue": Variable("Criminal revenue", "smugglers"),
    "drugs": Variable("Drugs sent", "smugglers"),
    "drug_risk": Variable("Loads seized", "smugglers"),
    "drug_price": Variable("Price of drugs", "smugglers"),
    "violence": Variable("Violence after splits and on contested routes", "smugglers"),
    "mx_hazard": Variable("Interdiction hazard in Mexico", "mexico"),
    "mx_stops": Variable("People stopped by Mexico", "mexico"),
    "mx_strength": Variable("Mexican officers, effort, skill", "mexico"),
    "integrity": Variable("Officers who refuse bribes", "mexico"),
    "aid": Variable("Aid delivered to Mexico", "mexico"),
    "cooperation": Variable("Mexico's cooperation", "mexico"),
    "transfers": Variable("Transfers to Mexico's south", "mexico"),
    "evaders": Variable("People who evade", "line"),
    "surrenders": Variable("People who surrender", "line"),
    "detection": Variable("Detection hazard at the line", "line"),
    "response": Variable("Agents free to respond", "line"),
    "field_time": Variable("Agents' time in the field", "line"),
    "apprehensions": Variable("Apprehensions", "line"),
    "free_beds": Variable("Free beds", "custody"),
    "releases": Variable("Releases", "custody"),
    "sanctions": Variable("Prosecutions", "custody"),
    "expulsions": Variable("Expulsions", "custody"),
    "wait_mexico": Variable("Waits in Mexico for a hearing", "custody"),
    "retries": Variable("People who try again", "custody"),
    "agents": Variable("Agents where people cross", "us"),
    "got_aways": Variable("Got away at the line", "us"),
    "network": Variable("Recent arrivals", "us"),
    "jobs": Variable("Vacancies and earnings without papers", "us"),
    "port_wait": Variable("Waits at ports", "ports"),
    "traffic": Variable("Lawful traffic", "ports"),
    "port_detection": Variable("Detection at ports", "ports"),
    "port_entries": Variable("Hidden entries through ports", "ports"),
    "requests": Variable("Requests queued at ports", "ports"),
}

# Prefixes of code locations.
_AFTER, _BENEFIT = "agents.migrants.aftermath", "agents.governments:Government.domestic_benefit"
_CAPACITY, _CONSEQUENCES = "abm.phases.capacity", "agents.consequences"
_COUNTRIES, _CYCLE = "agents.origin_countries:Countries", "abm.phases.government_cycle"
_DEPARTURE = "agents.migrants.departure"
_FORCES, _KERNELS = "agents.gendarmes:MexicanForces", "agents.migrants.kernels"
_AGAIN = "agents.migrants.aftermath:decide_again"
_LINE, _MARKET, _NEWS = "agents.migrants.line", "agents.smugglers", "agents.migrants.line"
_DRUGS = "agents.drug_organisations:DrugTrade"
_ORGANISATION = f"{_MARKET}.organisation:Organisation"
_PATROL, _PLANS = "agents.border_patrol:BorderPatrol", "agents.plans:Plans"
_POLICY, _PORTS = "abm.policies.base:Policy.apply", "agents.port_day"
_PROSPECTS, _SUPPLY = "agents.migrants.prospects", "agents.supply_terms:SupplyTerms"
_SURRENDER, _TRAVEL = "agents.migrants.departure:surrender_share", "agents.migrants.travel"
# Switches that several links have in common.
_CONSTRUCTION, _NETWORK = "supply_terms.construction", "supply_terms.network"
_AWARENESS, _MEXICO = "supply_terms.awareness_speed", "governments.mexico"
_EXPELLED, _WAIT = "levers.expulsion_foreign", "levers.wait_in_mexico"
_MOVED, _ANNOUNCED = "levers.transfers_south", "levers.news_restriction"

LINKS: tuple[Link, ...] = (
    # ---- supply ----------------------------------------------------------------------------------
    Link("failure", "candidates", +1, "monthly", f"{_COUNTRIES}.factor"),
    Link("income", "candidates", -1, "monthly", f"{_COUNTRIES}.factor"),
    Link("drivers", "candidates", +1, "monthly", f"{_SUPPLY}._update_policy_free", _CONSTRUCTION),
    Link("network", "candidates", +1, "monthly", f"{_SUPPLY}._network_factor", _NETWORK),
    Link("awareness", "candidates", +1, "monthly", f"{_SUPPLY}._update_from_run", _AWARENESS),
    Link("releases", "awareness", +1, "monthly", f"{_SUPPLY}._learn", _AWARENESS),
    # ---- the decision to go ----------------------------------------------------------------------
    Link("candidates", "departures", +1, "", f"{_KERNELS}:generate_candidates"),
    Link("success", "departures", +1, "", f"{_DEPARTURE}:choose_departure"),
    Link("price", "departures", -1, "", f"{_DEPARTURE}:value_of_going"),
    Link("kidnappings", "departures", -1, "up to 4 weeks", f"{_DEPARTURE}:_utility"),
    Link("legal_queue", "departures", +1, "", f"{_KERNELS}:advance_legal_queues"),
    Link("departures", "legal_queue", -1, "", f"{_DEPARTURE}:choose_nest"),
    Link("got_aways", "jobs", -1, "91 days", "agents.employers:Employers.advance_week"),
    Link("releases", "jobs", -1, "91 days", "agents.employers:Employers.advance_week"),
    Link("jobs", "departures", +1, "belief_half_life", "abm.phases.weekly:review_employers"),
    Link("waiting", "departures", +1, "30 to 90 days", _AGAIN, _ANNOUNCED),
    Link("announcements", "waiting", +1, "", f"{_DEPARTURE}:choose_nest", _ANNOUNCED),
    Link("announcements", "departures", -1, "", f"{_DEPARTURE}:choose_nest", _ANNOUNCED),
    Link("mx_stops", "announcements", +1, "20 days", f"{_KERNELS}:update_beliefs", _ANNOUNCED),
    Link("apprehensions", "announcements", +1, "20 days", f"{_KERNELS}:update_beliefs", _ANNOUNCED),
    # ---- beliefs ---------------------------------------------------------------------------------
    Link("stop_belief", "success", -1, "up to 4 weeks", "agents.routing:compute_expectations"),
    Link("release_belief", "success", +1, "", f"{_PROSPECTS}:eventual_success"),
    Link(
        "announcements",
        "release_belief",
        -1,
        "",
        f"{_KERNELS}:update_expected_release",
        "levers.news_release",
    ),
    Link(
        "free_beds",
        "release_belief",
        -1,
        "60 days",
        f"{_KERNELS}:update_expected_release",
    ),
    Link(
        "releases",
        "release_belief",
        +1,
        "3 months",
        f"{_CAPACITY}:_detainable_share",
        "levers.beds",
    ),
    Link("detection", "stop_belief", +1, "weekly", f"{_NEWS}:report_line_outcome"),
    Link("response", "stop_belief", +1, "weekly", f"{_NEWS}:report_line_outcome"),
    Link("mx_hazard", "stop_belief", +1, "weekly", f"{_NEWS}:report_transit_outcome"),
    # ---- on the way ------------------------------------------------------------------------------
    Link("departures", "on_the_way", +1, "", f"{_TRAVEL}:begin_trip"),
    Link("stop_belief", "detours", +1, "up to 4 weeks", f"{_PLANS}.solve"),
    Link("detours", "mx_stops", -1, "", f"{_TRAVEL}:next_leg"),
    Link("detours", "apprehensions", -1, "", f"{_TRAVEL}:next_leg"),
    Link("detours", "deaths", +1, "", "abm.network_setup:death_hazard"),
    Link("on_the_way", "deaths", +1, "", f"{_TRAVEL}:_dangers"),
    Link("on_the_way", "kidnappings", +1, "", f"{_TRAVEL}:_dangers"),
    Link("violence", "kidnappings", +1, "", "agents.hazards:set_hazards"),
    # ---- Mexico ----------------------------------------------------------------------------------
    Link("on_the_way", "mx_stops", +1, "", f"{_TRAVEL}:_stopped_by_mexico"),
    Link("mx_hazard", "mx_stops", +1, "", f"{_TRAVEL}:_stopped_by_mexico"),
    Link("mx_stops", "on_the_way", -1, "", f"{_CONSEQUENCES}:apprehend_mexico"),
    Link("on_the_way", "mx_hazard", -1, "2 to 4 weeks", "agents.hazards:crowding_ratio"),
    Link("mx_strength", "mx_hazard", +1, "", "agents.hazards:mexican_powers"),
    Link("integrity", "mx_hazard", +1, "", "agents.hazards:mexican_powers"),
    Link("mx_strength", "integrity", -1, "", "agents.hazards:mexican_powers"),
    Link("revenue", "integrity", -1, "8 weeks", "agents.hazards:mexican_powers"),
    Link("on_the_way", "mx_strength", +1, "42 days", f"{_FORCES}.deploy", "levers.gendarmes"),
    Link("aid", "mx_strength", +1, "30 months", f"{_CYCLE}:_equip", "levers.aid"),
    Link("aid", "integrity", +1, "30 months", f"{_CYCLE}:_equip", "levers.aid"),
    Link(
        "mx_stops",
        "aid",
        +1,
        "half-yearly",
        "agents.aid_pipeline:Aid.advance_half_year",
        "levers.aid_conditional",
    ),
    Link("cooperation", "aid", +1, "", _POLICY, "levers.aid"),
    Link("cooperation", "mx_strength", +1, "", _POLICY, "levers.mx_effort"),
    Link("kidnappings", "cooperation", -1, "quarterly", _BENEFIT, _MEXICO),
    Link("revenue", "cooperation", -1, "quarterly", _BENEFIT, _MEXICO),
    Link("mx_stops", "retries", +1, "about 11 days", f"{_AFTER}:reconsider"),
    Link("mx_stops", "transfers", +1, "", f"{_CONSEQUENCES}:apprehend_mexico", _MOVED),
    Link("transfers", "retries", +1, "a week", f"{_AFTER}:end_custody", _MOVED),
    # ---- the line --------------------------------------------------------------------------------
    Link("on_the_way", "evaders", +1, "", f"{_LINE}:passes_line"),
    Link("on_the_way", "surrenders", +1, "", f"{_LINE}:passes_line"),
    Link("surrenders", "evaders", -1, "", f"{_LINE}:passes_line"),
    Link("release_belief", "surrenders", +1, "", _SURRENDER),
    Link("stop_belief", "surrenders", +1, "", _SURRENDER),
    Link("evaders", "apprehensions", +1, "", f"{_LINE}:passes_line"),
    Link("surrenders", "apprehensions", +1, "", f"{_LINE}:passes_line"),
    Link("detection", "apprehensions", +1, "", f"{_LINE}:passes_line"),
    Link("response", "apprehensions", +1, "", f"{_LINE}:passes_line"),
    Link("evaders", "got_aways", +1, "", f"{_LINE}:passes_checkpoint"),
    Link("detection", "got_aways", -1, "", f"{_LINE}:passes_checkpoint"),
    Link("evaders", "detection", -1, "4 weeks", "agents.contest:hazard"),
    Link("evaders", "response", -1, "2 weeks", "agents.contest:answered_share"),
    Link("surrenders", "response", -1, "2 weeks", "agents.contest:answered_share"),
    Link("agents", "detection", +1, "", "agents.hazards:line_strength"),
    Link("agents", "response", +1, "", f"{_PATROL}.at_the_line"),
    Link("apprehensions", "agents", +1, "weekly", f"{_PATROL}.allocate"),
    Link("apprehensions", "field_time", -1, "2 weeks", "agents.hazards:field_share"),
    Link("field_time", "detection", +1, "", "agents.hazards:field_share"),
    # ---- custody and another attempt -------------------------------------------------------------
    Link("apprehensions", "releases", +1, "", f"{_CONSEQUENCES}:_decide"),
    Link("apprehensions", "free_beds", -1, "weekly", f"{_KERNELS}:free_share"),
    Link("free_beds", "releases", -1, "", f"{_CONSEQUENCES}:_decide"),
    Link("apprehensions", "sanctions", +1, "", f"{_CONSEQUENCES}:_decide"),
    Link("sanctions", "retries", -1, "20 days", "agents.kernel_params:_retry_table"),
    Link("apprehensions", "expulsions", +1, "", f"{_CONSEQUENCES}:_is_expelled", _EXPELLED),
    Link("expulsions", "releases", -1, "", f"{_CONSEQUENCES}:_decide", _EXPELLED),
    Link("expulsions", "retries", +1, "2 days", f"{_AFTER}:end_custody", _EXPELLED),
    Link("apprehensions", "wait_mexico", +1, "", f"{_CONSEQUENCES}:_release", _WAIT),
    Link("wait_mexico", "releases", -1, "", f"{_CONSEQUENCES}:_release", _WAIT),
    Link("wait_mexico", "kidnappings", +1, "150 days", f"{_AFTER}:end_wait", _WAIT),
    Link("wait_mexico", "retries", +1, "150 days", f"{_AFTER}:end_wait", _WAIT),
    Link("apprehensions", "retries", +1, "4 to 30 days", f"{_AFTER}:reconsider"),
    Link("releases", "retries", -1, "", f"{_CONSEQUENCES}:_release"),
    Link("success", "retries", +1, "", f"{_PROSPECTS}:retry_probability"),
    Link("retries", "on_the_way", +1, "", f"{_AFTER}:reconsider"),
    # ---- arrivals --------------------------------------------------------------------------------
    Link("got_aways", "network", +1, "monthly", f"{_TRAVEL}:arrive"),
    Link("releases", "network", +1, "monthly", f"{_CONSEQUENCES}:_release"),
    # ---- smugglers -------------------------------------------------------------------------------
    Link("departures", "clients", +1, "", f"{_DEPARTURE}:choose_mode"),
    Link("reputation", "clients", +1, "", f"{_DEPARTURE}:list_options"),
    Link("clients", "got_aways", +1, "", f"{_NEWS}:exposure"),
    Link("got_aways", "reputation", +1, "weekly", f"{_ORGANISATION}.update_reputation"),
    Link("kidnappings", "reputation", -1, "weekly", f"{_ORGANISATION}.update_reputation"),
    Link("stop_belief", "price", +1, "weekly", f"{_MARKET}.products:target_price"),
    Link("clients", "price", +1, "13 weeks", f"{_MARKET}.state:update_ratios"),
    Link("cells", "price", -1, "13 weeks", f"{_MARKET}.state:update_ratios"),
    Link("cells", "got_aways", +1, "weekly", f"{_MARKET}.state:update_capacity"),
    Link("revenue", "price", +1, "8 weeks", f"{_MARKET}.products:set_cost"),
    Link("clients", "profit", +1, "weekly", f"{_ORGANISATION}.set_price"),
    Link("price", "profit", +1, "weekly", f"{_ORGANISATION}.set_price"),
    Link("cells", "profit", -1, "13 weeks", f"{_MARKET}.state:update_ratios"),
    Link("profit", "cells", +1, "weekly to 90 days", f"{_MARKET}.market:found_entrants"),
    Link("detection", "drug_risk", +1, "weekly", f"{_DRUGS}._assess_lanes"),
    Link("drug_risk", "drugs", +1, "weekly", "agents.drug_organisations:send_loads"),
    Link("drug_risk", "drug_price", +1, "8 weeks", f"{_DRUGS}._follow_cost"),
    Link("drug_price", "drugs", -1, "weekly", f"{_DRUGS}._set_orders"),
    Link("drug_risk", "violence", +1, "weekly", f"{_DRUGS}._compare_presence"),
    Link("clients", "revenue", +1, "weekly", f"{_MARKET}.state:update_ratios"),
    Link("price", "revenue", +1, "weekly", f"{_MARKET}.state:update_ratios"),
    # ---- origin countries ------------------------------------------------------------------------
    Link("revenue", "failure", +1, "12 months", f"{_COUNTRIES}._update_failure"),
    Link("kidnappings", "failure", +1, "12 months", "agents.migrants.tallies:end_day"),
    Link("integrity", "failure", -1, "12 months", "agents.migrants.tallies:end_day"),
    Link("port_wait", "income", -1, "2 years", f"{_COUNTRIES}._update_income"),
    # ---- ports -----------------------------------------------------------------------------------
    Link("traffic", "port_wait", +1, "", "agents.queues:simulate_port"),
    Link("port_wait", "traffic", -1, "28 days", f"{_PORTS}:_set_demand"),
    Link("traffic", "port_detection", -1, "", f"{_PORTS}:_inspect"),
    Link("integrity", "port_detection", +1, "", f"{_PORTS}:_inspect", "levers.validation"),
    Link("port_detection", "drug_risk", +1, "weekly", f"{_DRUGS}._assess_lanes"),
    Link("departures", "port_entries", +1, "", f"{_DEPARTURE}:choose_mode"),
    Link("stop_belief", "port_entries", +1, "", f"{_DEPARTURE}:value_of_going"),
    Link("port_detection", "port_entries", -1, "", "agents.migrants.line:passes_port"),
    Link("on_the_way", "requests", +1, "", "abm.holders:RouteNetwork.presented_by_port"),
    Link("surrenders", "requests", -1, "", f"{_PLANS}.solve"),
    Link("requests", "surrenders", +1, "up to 4 weeks", f"{_PLANS}.queue_at_ports"),
    Link("requests", "releases", +1, "", f"{_CONSEQUENCES}:process_protection_request"),
)

#: Variables that each lever changes directly, with the sign of the change when the lever rises.
#: The sign 0 means that the direction depends on other settings.
LEVER_LINKS: dict[str, dict[str, int]] = {
    "us_officers": {"agents": +1},
    "us_moved": {"agents": +1},
    "us_effort": {"detection": +1, "response": +1},
    "sensors": {"detection": +1},
    "fence": {"detection": +1},
    "leg_cost": {"detours": +1, "departures": -1},
    "leg_delay": {"detours": +1, "departures": -1, "deaths": +1},
    "leg_danger": {"deaths": +1},
    "leg_closed": {"detours": +1, "departures": -1},
    "mx_effort": {"mx_strength": +1},
    "mx_officers": {"mx_strength": +1},
    "gendarmes": {"mx_strength": +1},
    "map_noise": {"agents": +1, "mx_strength": +1, "detection": +1, "mx_hazard": +1},
    "map_lag": {"agents": +1, "mx_strength": +1, "detection": +1, "mx_hazard": +1},
    "leak": {"stop_belief": 0, "detection": -1, "mx_hazard": -1},
    "decapitation": {"violence": +1, "cells": -1},
    "beds": {"free_beds": +1, "releases": -1},
    "courts": {"sanctions": +1},
    "no_cooperation": {"cooperation": -1},
    "asylum_officers": {"free_beds": +1},
    "wait_in_mexico": {"wait_mexico": +1, "release_belief": -1},
    "wait_cases": {"wait_mexico": +1},
    "expulsion_mexican": {"expulsions": +1, "release_belief": -1, "success": 0},
    "expulsion_foreign": {"expulsions": +1, "release_belief": -1, "success": 0},
    "expelled_to_line": {"retries": +1},
    "transfers_south": {"transfers": +1, "success": 0},
    "news_restriction": {"announcements": +1},
    "news_opening": {"announcements": -1},
    "news_release": {"release_belief": 0},
    "deadline": {"departures": +1},
    "deadline_release": {"departures": +1},
    "readmission": {"free_beds": +1},
    "port_officers": {"port_wait": -1, "port_detection": +1},
    "port_booths": {"port_wait": -1},
    "port_targeting": {"port_detection": +1},
    "trusted_travellers": {"port_wait": -1},
    "trusted_trucks": {"port_wait": -1},
    "validation": {"port_detection": 0},
    "truck_time": {"port_wait": -1},
    "toll": {"traffic": -1},
    "asylum_slots": {"requests": -1},
    "mx_watch": {"mx_hazard": +1},
    "trainers": {"mx_strength": +1},
    "mx_pay": {"integrity": +1},
    "aid": {"aid": +1},
    "aid_conditional": {"aid": -1, "mx_strength": +1},
    "verification": {"aid": 0},
    "cell_hunt": {"cells": -1, "drug_risk": +1},
    "pressure": {"profit": -1, "cells": -1},
    "us_sentences": {"price": +1},
    "mx_sentences": {"price": +1},
    "checks": {"legal_queue": -1, "jobs": -1},
    "us_earnings": {"jobs": -1},
    "visas": {"legal_queue": -1, "jobs": -1, "success": -1},
    "visas_by_country": {"legal_queue": -1, "jobs": -1, "success": -1},
    "petitions": {"legal_queue": +1, "jobs": +1},
    "visa_fee": {"legal_queue": -1},
    "governance": {"failure": -1},
    "growth": {"income": +1},
    "jobs": {"candidates": -1},
    "cash": {"candidates": +1},
    "strategy": {"detection": +1, "mx_strength": +1, "profit": -1, "port_detection": +1},
    "criterion": {"detection": 0, "mx_strength": 0, "profit": 0, "port_detection": 0},
}

#: Variables in each named loop. Each variable causes the next, and the last causes the first.
NAMED_LOOPS: dict[str, str] = {
    "Queue of the legal channel": "departures legal_queue",
    "Congestion of guides": "departures clients price",
    "Entry of organisations": "profit cells",
    "Waiting times and lawful traffic": "traffic port_wait",
    "Crowding in Mexico": "on_the_way mx_hazard mx_stops",
    "Reputation of guides": "clients got_aways reputation",
    "Agents tied up by custody": "apprehensions field_time detection",
    "Another attempt": "apprehensions retries on_the_way evaders",
    "Surrender and release": "releases release_belief surrenders apprehensions",
    "Conditional aid": "mx_stops aid mx_strength mx_hazard",
    "Full detention": "apprehensions free_beds release_belief surrenders",
    "Displacement": "stop_belief detours apprehensions agents detection",
    "Criminal revenue and state failure": "revenue failure candidates departures clients",
    "Bribes and prices": "revenue integrity mx_hazard stop_belief price",
    "Crowding at the line": "evaders detection stop_belief success departures on_the_way",
    "Jobs without papers": "jobs departures on_the_way evaders got_aways",
    "Networks": "candidates departures on_the_way evaders got_aways network",
    "Cooperation and kidnappings": (
        "kidnappings cooperation mx_strength mx_hazard mx_stops on_the_way"
    ),
}

#: Mechanisms that have no link, with the reason.
OMITTED = (
    "Movements within a total: detachments between sectors and cells between gates follow people "
    "(`agents.border_patrol:SectorCommand.request`, "
    "`agents.smugglers.organisation:Organisation.relocate_cell`), and guided clients prefer gates "
    "with more cells.",
    "The adaptive strategy learns from the counts of agencies "
    "(`agents.strategy:Strategy.advance_quarter`); whether more of a count attracts money to "
    "an arm depends on its criterion.",
    "Additional effort of either country decays with `mexico.fatigue_half_life`: policies set the "
    "levers as a function of the date, without feedback.",
    "Recruits lower the mean competence of their own force at first "
    "(`agents.gendarmes:MexicanForces.train`).",
    "Departures before a deadline are subtracted from the days after it "
    "(`abm.early_departures:EarlyDepartures`).",
    "Returns home from the United States, returns without a hearing, debts, and dollars of the "
    "treasuries are outcomes without an effect on other variables.",
    "Inputs that follow a date: consequences that the law changes (`consequence_changes`), staff, "
    "barrier and beds of a run that follows the record.",
    "The random level of supply (`supply_terms.level_sd`, `supply_terms.surge_sd`) has no cause in "
    "the model.",
)
