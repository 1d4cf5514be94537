# The screen for a class: docker build -t twoborders . && docker run --rm -p 8765:8765 twoborders
# Open it at the name localhost or 127.0.0.1; other names are refused. See docs/guides/serve.md.
# The same image runs every command, also on clusters: docker run --rm twoborders twoborders --help
FROM python:3.13.9-slim-bookworm
RUN pip install --no-cache-dir uv==0.13.9 \
 && useradd --create-home --uid 1000 borders \
 && install --directory --owner=borders /home/borders/twoborders
WORKDIR /home/borders/twoborders
COPY --chown=borders . .
USER borders
ENV PATH=/home/borders/twoborders/.venv/bin:$PATH
RUN uv sync --frozen --no-dev --no-cache --extra screen --extra analysis --extra dask \
 && twoborders compare --days 10 --reps 1 --scale 1000 --jobs 1 --out /tmp/compiled \
 && rm -r /tmp/compiled
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
 CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8765/readyz')"]
CMD ["twoborders", "serve", "--share", "--address", "0.0.0.0", "--port", "8765", "--no-open"]
