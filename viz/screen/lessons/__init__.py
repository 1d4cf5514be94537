"""Six lessons in which visitors predict outcomes, run worlds and score the predictions."""
