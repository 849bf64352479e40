"""The installation in containers: what the schema of Compose, which `make check` asks, does not know."""

from __future__ import annotations

import http.client
import io
import json
import re
import runpy
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from ruamel.yaml import YAML

from cait.embedded import POSTGRES_CONF
from old_logs.policies import MOST_BYTES

HERE = Path(settings.BASE_DIR)
COMPOSE: dict[str, Any] = YAML(typ="safe").load(HERE / "docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (HERE / "Dockerfile").read_text()
NGINX = (HERE / "deploy" / "nginx.conf").read_text()
PROD = (HERE / "cait" / "settings" / "prod.py").read_text()
LET_IN = (HERE / ".dockerignore").read_text()


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=HERE, capture_output=True, text=True).stdout


def number(text: str, pattern: str) -> tuple[int, ...]:
    """The version that stands where the pattern has its group."""
    found = re.search(pattern, text)
    assert found, pattern
    return tuple(map(int, found[1].split(".")))


def test_one_image_runs_the_web_the_worker_beat_and_the_migrations() -> None:
    assert set(OURS) == {"web", "worker", "beat", "migrate"}
    assert {service["image"] for service in OURS.values()} == {"cait"}


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service or "network_mode" in service] == [
        "proxy"
    ]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["database"]["networks"] == SERVICES["broker"]["networks"] == ["inside"]
    assert "inside" not in SERVICES["proxy"]["networks"]


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_read_and_every_one_that_is_needed_is_set(name: str) -> None:
    read = set(re.findall(r'_setting\("(\w+)"', PROD))
    needed = set(re.findall(r'_setting\("(\w+)"\)', PROD))
    assert {"SECRET_KEY", "DATABASE_URL"} < needed < read
    said = {setting.removesuffix("_FILE") for setting in OURS[name]["environment"]}
    assert needed <= said <= read
    assert "DJANGO_SETTINGS_MODULE=cait.settings.prod" in DOCKERFILE


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_secret_is_in_files_that_are_mounted(name: str) -> None:
    service = SERVICES[name]
    secrets = set(service.get("secrets", []))
    for setting, value in service.get("environment", {}).items():
        assert setting.endswith("_FILE") or not re.search("SECRET|PASSWORD|MAILBOXES|DATABASE_URL", setting)
        if setting.endswith("_FILE"):
            assert value.removeprefix("/run/secrets/") in secrets
    if name == "proxy":
        assert set(re.findall(r"/run/secrets/(\w+)", NGINX)) == secrets
    assert secrets <= set(COMPOSE["secrets"])


def test_no_secret_is_ever_committed_or_built_in() -> None:
    files = [secret["file"] for secret in COMPOSE["secrets"].values()]
    assert all(file.startswith("./secrets/") for file in files)
    for file in (*files, ".env", "docker-compose.override.yml"):
        assert git("ls-files", file) == ""
        assert git("check-ignore", file), f"{file} is not in .gitignore"
    assert not re.search(r"^(ARG|ENV)\b.*(SECRET|PASSWORD|URL)", DOCKERFILE, re.M)
    assert next(line for line in LET_IN.splitlines() if not line.startswith("#")) == "*"
    assert not re.search(r"^!(secrets|\.env|\.git|\*)", LET_IN, re.M)


def test_the_database_is_made_as_the_tests_make_theirs() -> None:
    wanted = {"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-ctype=C.UTF-8"}
    assert set(SERVICES["database"]["environment"]["POSTGRES_INITDB_ARGS"].split()) == wanted
    # What somebody typed and what rows hold stays out of its log.
    for setting in re.findall(r"^(log_\w+) = (\w+)$", POSTGRES_CONF, re.M):
        assert " -c {}={}".format(*setting) in SERVICES["database"]["command"]
    # Since 18 the image keeps its data below this folder; mounted one further down they would be lost.
    assert "database:/var/lib/postgresql" in SERVICES["database"]["volumes"]


def test_the_broker_keeps_what_it_was_given() -> None:
    assert "--appendonly yes" in SERVICES["broker"]["command"]
    assert "--maxmemory-policy noeviction" in SERVICES["broker"]["command"]
    assert SERVICES["broker"]["volumes"] == ["broker:/data"]


def test_there_is_one_beat() -> None:
    assert [name for name, service in SERVICES.items() if " beat " in service.get("command", "")] == ["beat"]
    assert not {"deploy", "scale"} & set(SERVICES["beat"])


def test_everything_that_ends_is_started_again_but_the_migrations() -> None:
    assert [name for name, service in SERVICES.items() if service["restart"] != "unless-stopped"] == ["migrate"]


@pytest.mark.parametrize("program", ["gunicorn", "celery -A cait worker", "celery -A cait beat"])
def test_programs_are_started_as_the_readme_says(program: str) -> None:
    readme = (HERE / "README.md").read_text()
    (said,) = re.findall(rf"^    \.venv/bin/({program}.*)$", readme, re.M)
    service = SERVICES[program.split()[-1].replace("gunicorn", "web")]
    assert set(said.split()) <= set(service["command"].split())


def test_the_image_has_the_versions_that_the_project_asks_for() -> None:
    makefile = (HERE / "Makefile").read_text()
    python = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]["requires-python"]
    pythons = set(re.findall(r"^FROM (python:\S+)", DOCKERFILE, re.M))
    assert len(pythons) == 1, "the packages are built for the Python that runs them"
    assert number(DOCKERFILE, r"FROM python:([\d.]+)") >= number(python, r">=([\d.]+)")
    assert number(DOCKERFILE, r"FROM node:([\d.]+)") >= number(makefile, r"node \((\d+) or newer\)")
    assert number(DOCKERFILE, r"uv==([\d.]+)") == number(makefile, r"UV_VERSION := ([\d.]+)")


def test_all_that_the_image_needs_is_let_in() -> None:
    let_in = set(re.findall(r"^!(\S+)$", LET_IN, re.M))
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.M)
        for source in line.split()[:-1]
        if source != "."
    }
    needed = copied | {*settings.ROOMS, "cait", "templates", "manage.py", "deploy/web_answers.py"}
    assert needed <= let_in
    assert [path for path in sorted(needed) if not (HERE / path).exists()] == []
    assert [path for path in sorted(let_in) if not (HERE / path).exists()] == []


def test_the_image_does_not_run_as_root() -> None:
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER cait$", last_stage, re.M)
    assert not re.search(r"gcc|build-essential|-dev\b", last_stage)


def test_nobody_can_say_that_they_are_somebody_else_at_the_door() -> None:
    headers = dict(re.findall(r"proxy_set_header (\S+) (\S+);", NGINX))
    assert headers["X-Forwarded-For"] == "$remote_addr"  # $proxy_add_x_forwarded_for would keep what was claimed
    assert headers["X-Forwarded-Proto"] == "https"
    assert SERVICES["web"]["environment"]["TRUSTED_PROXIES"] == "1"


def test_only_where_an_old_log_is_chosen_may_more_be_sent() -> None:
    """There, as much as Django refuses in words beside the field, and what a form has round a file."""
    (place,) = re.findall(
        r"location = (\S+) \{\s*client_max_body_size (\d+)m;\s*limit_conn large 2;\s*proxy_pass \$web;\s*\}", NGINX
    )
    assert place[0] == reverse("old_logs:old_logs")
    assert int(place[1]) * 1024 * 1024 > MOST_BYTES + 100_000
    assert sorted(re.findall(r"client_max_body_size (\w+);", NGINX)) == ["3m", f"{place[1]}m"]
    # Set where both locations inherit it: one that set a header itself would lose those of its server.
    assert not re.search(r"location [^{]*\{[^}]*proxy_set_header", NGINX)


def test_the_door_does_not_write_down_what_was_asked_for() -> None:
    (form,) = re.findall(r"log_format \w+ '(.*)';", NGINX)
    assert not re.search(r"\$(request|request_uri|uri|args|query_string|http_\w+)\b", form)
    assert "error_log /dev/stderr emerg;" in NGINX


@pytest.mark.parametrize(
    ("database", "worker", "code"), [("ok", "ok", False), ("ok", "failing", False), ("failing", "ok", True)]
)
def test_the_web_is_well_without_a_worker_and_ill_without_its_database(
    database: str, worker: str, code: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Web:
        def __init__(self, *where: Any, **how: Any) -> None: ...

        def request(self, method: str, address: str) -> None:
            assert (method, address) == ("GET", "/health/")

        def getresponse(self) -> io.StringIO:
            return io.StringIO(json.dumps({"database": database, "worker": worker}))

    monkeypatch.setattr(http.client, "HTTPConnection", Web)
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(HERE / "deploy" / "web_answers.py"))
    assert bool(end.value.code) is code
