"""Report of a comparison as a self-contained page, and its charts as single SVG files."""
