"""Parts of the pages Compare, Learn and Sweep. Each component takes the visitor's session."""
