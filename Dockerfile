# The screen for a class: docker build -t twoborders . && docker run --rm -p 8765:8765 twoborders
# Open it at the name localhost or 127.0.0.1; other names are refused. See docs/guides/serve.md.
FROM python:3.13-slim-bookworm
COPY --from=ghcr.io/astral-sh/uv:latest /uv /usr/local/bin/uv
RUN useradd --create-home borders
WORKDIR /home/borders/twoborders
COPY --chown=borders . .
USER borders
RUN uv sync --frozen --no-dev --extra screen \
 && .venv/bin/twoborders compare --days 10 --reps 1 --scale 1000 --jobs 1 --out /tmp/compiled
EXPOSE 8765
CMD [".venv/bin/twoborders", "serve", "--share", "--address", "0.0.0.0", "--port", "8765", "--no-open"]
