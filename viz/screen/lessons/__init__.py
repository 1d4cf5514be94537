"""Six lessons: predict, run, score."""
