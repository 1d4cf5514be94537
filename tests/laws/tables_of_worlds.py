"""A small world as tables, with the changes to its tables that metamorphic laws compare."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from abm.world.routes import World, load_world

NODES = """\
id,name,country,admin,lat,lon,kind,population,remoteness,terrain,usbp_sector,\
mx_origin_region,rail_hub,zone,geonameid,coord_source
lake,Lake,GT,South,14,-91,origin,,0,highland,,0,0,central_america,,made up
coast,Coast,HN,South,15,-88,origin,,0,coast,,0,0,central_america,,made up
river,River,MX,Chiapas,15,-92,southern_border,,1,jungle,,0,0,southern_border,,made up
village,Village,MX,Village,21,-101,transit,,0,highland,,1,0,central,,made up
plain,Plain,MX,Plain,22,-99,transit,,0,highland,,1,0,central,,made up
middle,Middle,MX,Middle,20,-97,transit,,1,highland,,0,0,central,,made up
west,West,MX,Sonora,31,-111,staging,,0,desert,,0,0,northern_border,,made up
east,East,MX,Tamaulipas,26,-98,staging,,0,river,,0,0,northern_border,,made up
west_line,West line,US,Arizona,31.5,-111,crossing_between_ports,\
,1,desert,Tucson,0,0,us_border,,made up
east_line,East line,US,Texas,26.3,-98,crossing_between_ports,\
,1,river,Rio Grande Valley,0,0,us_border,,made up
gate,Gate,US,Texas,26.1,-98,port_of_entry,,0,river,Rio Grande Valley,0,0,us_border,,made up
city,City,US,Arizona,33,-112,destination,,0,desert,,0,0,us_interior,,made up
bay,Bay,US,Texas,29,-95,destination,,0,coast,,0,0,us_interior,,made up
"""
EDGES = """\
source,target,mode,corridor,great_circle_km,factor,distance_km,travel_days,hazard_class,\
crosses_country_border,us_checkpoint_belt,mx_zone,basis
lake,river,road,south,150,1.2,180,1,2,1,0,,made up
coast,river,road,south,400,1.2,480,2,2,1,0,,made up
river,middle,road,gulf,600,1.2,720,2,3,0,0,southern_border,made up
river,middle,rail,gulf,600,1.2,720,4,4,0,0,southern_border,made up
river,village,road,pacific,900,1.2,1080,3,2,0,0,southern_border,made up
middle,east,road,gulf,800,1.2,960,2,3,0,0,central,made up
middle,west,road,pacific,1500,1.2,1800,4,3,0,0,central,made up
village,west,road,pacific,1300,1.2,1560,2,2,0,0,central,made up
village,east,road,gulf,650,1.2,780,2,2,0,0,central,made up
plain,east,road,gulf,450,1.2,540,1,2,0,0,central,made up
plain,west,road,pacific,1400,1.2,1680,3,2,0,0,central,made up
west,west_line,foot,pacific,55,1.2,66,2,3,1,0,northern_border,made up
east,east_line,foot,gulf,33,1.2,40,1,3,1,0,northern_border,made up
east,gate,foot,gulf,11,1.2,13,1,1,1,0,northern_border,made up
west_line,city,road,pacific,190,1.2,228,1,1,0,1,,made up
east_line,bay,road,gulf,400,1.2,480,1,1,0,1,,made up
gate,bay,road,gulf,400,1.2,480,1,1,0,1,,made up
"""

Row = dict[str, str]


@dataclass(frozen=True)
class Tables:
    """The rows of a world's two files."""

    nodes: tuple[Row, ...]
    edges: tuple[Row, ...]

    @classmethod
    def small(cls) -> Tables:
        """Return a world with four communities, two sectors, a port and several routes."""
        return cls(*(tuple(csv.DictReader(io.StringIO(text))) for text in (NODES, EDGES)))

    def load(self, folder: Path) -> World:
        """Write both files to a folder and load the world."""
        for name, rows in (("nodes", self.nodes), ("edges", self.edges)):
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, rows[0].keys())
                writer.writeheader()
                writer.writerows(rows)
        return load_world(folder)

    def relabelled(self, label: Callable[[str], str]) -> Tables:
        """Return the world with new ids and names for its places."""
        ends = ("source", "target")
        return Tables(
            tuple(row | {"id": label(row["id"]), "name": label(row["name"])} for row in self.nodes),
            tuple(row | {end: label(row[end]) for end in ends} for row in self.edges),
        )

    def reordered(self, nodes: Sequence[int], edges: Sequence[int]) -> Tables:
        """Return the world with its rows in another order, given as current row indices."""
        return Tables(tuple(self.nodes[i] for i in nodes), tuple(self.edges[i] for i in edges))

    def split(self, source: str, target: str, mode: str, place: Row) -> Tables:
        """Return the world with a new place that divides a leg into two halves of equal length."""
        whole = next(
            row
            for row in self.edges
            if (row["source"], row["target"], row["mode"]) == (source, target, mode)
        )
        half = {
            name: str(float(whole[name]) / 2.0)
            for name in ("great_circle_km", "distance_km", "travel_days")
        }
        first = whole | half | {"target": place["id"]}
        second = whole | half | {"source": place["id"], "crosses_country_border": "0"}
        others = tuple(row for row in self.edges if row is not whole)
        model = next(row for row in self.nodes if row["id"] == source)
        return Tables((*self.nodes, model | place), (*others, first, second))

    def twin(self, place: str, name: str, sector: str) -> Tables:
        """Return the world with a copy of a place and its legs in another sector."""
        original = next(row for row in self.nodes if row["id"] == place)
        copy = original | {"id": name, "name": name, "usbp_sector": sector}
        legs = tuple(
            row | {end: name for end in ("source", "target") if row[end] == place}
            for row in self.edges
            if place in (row["source"], row["target"])
        )
        return Tables((*self.nodes, copy), (*self.edges, *legs))

    def without(self, *places: str) -> Tables:
        """Return the world without some places and their legs."""
        return replace(
            self,
            nodes=tuple(row for row in self.nodes if row["id"] not in places),
            edges=tuple(
                row
                for row in self.edges
                if row["source"] not in places and row["target"] not in places
            ),
        )
