"""Export and import: tables, images, a replay and scenarios, made from a `View` on request."""
