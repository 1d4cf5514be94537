"""The cost of the screen: parts of ``twoborders bench`` that run a server and open its pages."""
