"""User interfaces of the model: ``cli``, ``server``, ``screen``, ``documents`` and ``figures``."""
