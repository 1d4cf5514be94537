"""Every way a person meets the model: the command ``twoborders`` (``cli``) and the report."""
