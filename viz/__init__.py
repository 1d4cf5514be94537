"""User interfaces of the model: the command ``twoborders`` (``cli``) and the report."""
