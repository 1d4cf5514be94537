"""Names of the entries of parameter tables; the order is that of the arrays."""

GROUPS = ("mexican", "northern_triangle")
KINDS = ("adult", "family", "child")
SECTORS = (
    "san_diego", "el_centro", "yuma", "tucson", "el_paso", "big_bend", "del_rio", "laredo",
    "rio_grande_valley",
)  # west to east
TERRAINS = ("urban", "semi_arid", "river", "mountain", "desert")  # at and behind the line
STATES = ("chiapas", "tabasco", "veracruz", "oaxaca", "tamaulipas", "elsewhere")
