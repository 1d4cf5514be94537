"""The cost of the screen: the parts of ``twoborders bench`` that run a server and visit it."""
