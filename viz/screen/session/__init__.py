"""Session of a visitor: choice, run loop, journeys, frames and background runs."""
