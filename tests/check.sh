#!/bin/sh
# `make check`: everything that can be said without running the product. Stops at the first failure.
set -eu
bin=.venv/bin
export DJANGO_SETTINGS_MODULE=cait.settings.test
CAIT_TEST_DATA=$(mktemp -d)
export CAIT_TEST_DATA
trap 'rm -rf "$CAIT_TEST_DATA"' EXIT

check() {
    printf '%s … ' "$1"
    shift
    said=$("$@" 2>&1) || { printf 'no\n%s\n' "$said"; exit 1; }
    echo ok
}

deployment() {
    SECRET_KEY=$($bin/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
        ALLOWED_HOSTS=cait.example DATABASE_URL=postgresql://cait@db/cait REDIS_URL=redis://broker \
        EMAIL_HOST=mail VIRUS_SCANNER=scanner:3310 ATTACHMENTS=/tmp MAIL_FROM=cait@police.example \
        $bin/python manage.py check --deploy --fail-level WARNING --settings cait.settings.prod
}

check "Formatting" $bin/ruff format --check .
check "Lint" $bin/ruff check .
check "Types" $bin/mypy
check "Imports between rooms" $bin/lint-imports
check "Migrations match the models" $bin/python manage.py makemigrations --check --dry-run
check "Containers" $bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
check "Deployment" deployment
