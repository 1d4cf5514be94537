"""Names for entries in parameter tables, in array order."""

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
TERRAINS = ("urban", "semi_arid", "river", "mountain", "desert")  # of legs at and behind the line
CORRIDORS = ("pacific_south", "gulf")  # corridors with a constant in the utility of their legs
STATES = ("chiapas", "tabasco", "veracruz", "oaxaca", "tamaulipas", "elsewhere")
COUNTRIES = ("GT", "HN", "SV", "MX")  # countries of origin
NATIONS = (*COUNTRIES, "other")  # rows of the legal tables by country of origin
TERMS = ("network", "construction", "cohort", "awareness", "level", "drift")  # supply terms
CLASSES = ("trusted_traveller", "traveller", "trusted_truck", "truck")  # traffic classes at ports
CRITERIA = ("apprehensions", "got_aways", "deaths", "seizures")  # criteria of the adaptive strategy
AREAS = ("intelligence", "training", "operations", "southern_border", "accords")  # for cooperation
