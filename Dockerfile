# TaskHub in a container: `docker build -t taskhub .`, or with PostgreSQL and nginx by compose.yaml.

FROM node:22-bookworm-slim AS node

FROM python:3.13-slim-bookworm AS build
# Node.js builds the browser UI; nothing of it is in the image that runs.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
# By themselves, so that a change of the sources does not fetch them anew.
COPY requirements/run.txt requirements/build.txt requirements/
RUN python -m venv /opt/taskhub \
 && /opt/taskhub/bin/pip install --require-hashes -r requirements/run.txt \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes -r requirements/build.txt
COPY . .
RUN /opt/build/bin/pip wheel --no-build-isolation --no-deps --wheel-dir /wheels . \
 && /opt/taskhub/bin/pip install --no-index --no-deps /wheels/*.whl \
 && /opt/taskhub/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
# The data folder, and a place that a web server shares for the static files: both belong to who runs.
RUN groupadd --system --gid 10001 taskhub \
 && useradd --system --uid 10001 --gid taskhub --home-dir /var/lib/taskhub --shell /usr/sbin/nologin taskhub \
 && install -d -o taskhub -g taskhub -m 0700 /var/lib/taskhub \
 && install -d -o taskhub -g taskhub /srv/taskhub/static
COPY --from=build /opt/taskhub /opt/taskhub
ENV PATH=/opt/taskhub/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TASKHUB_DATA_DIR=/var/lib/taskhub
USER 10001:10001
WORKDIR /var/lib/taskhub
VOLUME /var/lib/taskhub
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["taskhub"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
