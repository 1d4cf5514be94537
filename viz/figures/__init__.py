"""Static charts and route maps, and the formatting of numbers and markup that they share."""
