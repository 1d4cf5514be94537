"""Sensitivity: which of the uncertain numbers an answer depends on, and which it does not.

``factors`` is what varies, ``indices`` the two methods, ``study`` what is played, ``answers`` what
it says.
Importing the package loads nothing else.
"""
