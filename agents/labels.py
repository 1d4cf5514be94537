"""Labels for entries in parameter tables, in the same order as the arrays."""

GROUPS = ("mexican", "northern_triangle")
KINDS = ("adult", "family", "child")
SECTORS = (
    "san_diego",
    "el_centro",
    "yuma",
    "tucson",
    "el_paso",
    "big_bend",
    "del_rio",
    "laredo",
    "rio_grande_valley",
)  # west to east
TERRAINS = ("urban", "semi_arid", "river", "mountain", "desert")  # at and behind the line
CORRIDORS = ("pacific_south", "gulf")  # corridors with a utility constant
STATES = ("chiapas", "tabasco", "veracruz", "oaxaca", "tamaulipas", "elsewhere")
COUNTRIES = ("GT", "HN", "SV", "MX")  # countries of origin
NATIONS = (*COUNTRIES, "other")  # rows in the legal tables
TERMS = ("network", "construction", "cohort", "awareness", "level", "drift")  # supply terms
CLASSES = ("trusted_traveller", "traveller", "trusted_truck", "truck")  # traffic classes at ports
CRITERIA = ("apprehensions", "got_aways", "deaths", "seizures")  # criteria of the adaptive strategy
#: Areas in which the two governments can cooperate.
AREAS = ("intelligence", "training", "operations", "southern_border", "accords")
