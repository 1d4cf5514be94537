"""One visitor's session: choice, run loop, journeys, frames and background runs."""
