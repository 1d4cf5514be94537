"""The templates for clusters, executed as far as possible without the cluster services."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sys
import threading
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from subprocess import PIPE, Popen, run

import kubernetes_validate
import pytest
import yaml

from experiments.sweeps.design_files import load
from experiments.sweeps.sweep import sweep
from tests.docs.shown import GROUP, ROOT
from tests.resume.test_cluster import contents

FOLDER = ROOT / "docs/examples/cluster"
DESIGN = """name = "shards"\n days = 10\n scale = 1000\n reps = 3\n set.warmup_days = 9
grid = { "policy.fence" = [0.0, 1.0] }"""
#: Substitutes for Slurm's commands, which run the tasks of a copied script in order. TASKS replaces
#: the range. The program `stub` writes its arguments into the folder in its last argument.
PROGRAMS = {
    "sbatch": """
    for word; do case $word in --array=*) TASKS=${word#*=} ;; *.sh) script=$word ;; esac; done
    cp "$script" "$BIN/copy"
    for k in $(seq ${TASKS%-*} ${TASKS#*-}); do
      SLURM_SUBMIT_DIR=$PWD SLURM_ARRAY_TASK_ID=$k bash "$BIN/copy" >>"$BIN/log" 2>&1
      echo "task $k: $?" >>"$BIN/log"
    done""",
    "srun": 'for k in $(seq ${1#--ntasks=}); do "${@:2}" & done; wait',
    "stub": """
    for folder; do :; done
    trap 'echo stopped >>"$folder/file"; exit 143' TERM
    echo "$@" | tee -a "$folder/file"
    for k in $(seq ${WAIT:-0}); do sleep 0.1; done""",
}


@pytest.fixture
def node(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a machine with these substitutes."""
    for name, text in PROGRAMS.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "design.toml").write_text(DESIGN, encoding="utf-8")
    variables = f"""BIN={tmp_path} PATH={tmp_path}:{os.environ["PATH"]} TMPDIR={tmp_path}
    OUT={tmp_path}/out DESIGN={tmp_path}/design.toml STUDY='sweep {tmp_path}/design.toml' SHARDS=2
    TWOBORDERS='{sys.executable} -m viz.cli' DASK='{sys.executable} -m dask'
    INTERFACE=lo SLURM_NTASKS=3"""
    return os.environ | dict(word.split("=", 1) for word in shlex.split(variables))


def submit(name: str, node: dict[str, str]) -> str:
    """Run the commands in a template's first comment; return the log of its tasks."""
    lines = re.findall(r"^#   (?!export)(.*)", (FOLDER / name).read_text("utf-8"), re.MULTILINE)
    run(["bash", "-euc", "\n".join(lines)], cwd=FOLDER, env=node, check=True)
    return Path(node["BIN"], "log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "tasks", "message"),
    [
        ("slurm_array.sh", ("1-1", "2-2"), "Incomplete shards: 2/2"),
        ("slurm_dask.sh", ("1-1",), "6 of 6 runs are in"),
    ],
)
def test_slurm_jobs_give_the_runs_of_one_process(
    name: str, tasks: tuple[str, ...], message: str, node: dict[str, str], tmp_path: Path
):
    text = [submit(name, node | {"TASKS": part}) for part in tasks][-1]
    assert message in text and re.findall(r"^task \d: (\d+)", text, re.MULTILINE)[-1] == "0", text
    sweep(load(node["DESIGN"]), tmp_path / "serial", executor="serial")
    assert contents(tmp_path / "out" / "all") == contents(tmp_path / "serial")


def test_a_store_is_kept_if_the_time_of_a_job_ends(node: dict[str, str], tmp_path: Path):
    """The second call reads the runs that the first call stored, and SIGTERM ends it."""
    words, stub = ["bash", str(FOLDER / "local_store.sh"), "some"], node | {"TWOBORDERS": "stub"}
    run([*words, "first"], env=stub, check=True)
    process = Popen([*words, "second"], env=stub | {"WAIT": "9999"}, stdout=PIPE)
    assert process.stdout and process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 143
    rows = (tmp_path / "out" / "some" / "file").read_text().splitlines()
    assert [row.split()[0] for row in rows] == ["first", "second", "stopped"]
    assert os.listdir(tmp_path / "out") == ["some"] and not list(tmp_path.glob("twoborders.*"))


def test_a_kubernetes_job_is_valid_and_runs_all_shards(node: dict[str, str], tmp_path: Path):
    _, job, merge = documents = [*yaml.safe_load_all((FOLDER / "kubernetes_job.yaml").open())]
    for document in documents:
        kubernetes_validate.validate(document, "1.33", strict=True)
    shard, last = (item["spec"]["template"]["spec"]["containers"][0] for item in (job, merge))
    assert {"name": "SHARDS", "value": str(job["spec"]["completions"])} in shard["env"]
    pod = node | {"TWOBORDERS": "stub", "DESIGN": "assumptions"}
    for container, k in ((shard, "0"), (shard, "1"), (last, "")):
        words = [*container["command"], *container["args"]]
        run(words, env=pod | {"JOB_COMPLETION_INDEX": k}, cwd=ROOT, check=True)
    files = [tmp_path / "out" / name / "file" for name in ("shard-1", "shard-2", "all")]
    calls = [file.read_text().partition(" --out ")[0] for file in files]
    words = "sweep assumptions --shard {}/2 --resume --jobs 1"
    merge = f"merge {tmp_path}/out/shard-1 {tmp_path}/out/shard-2"
    assert calls == [words.format(1), words.format(2), merge]


def test_images_are_pinned_and_a_health_check_fails_with_its_server(tmp_path: Path):
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    image = (FOLDER / "twoborders.def").read_text(encoding="utf-8")
    pin = re.compile(r"^FROM:? python:3\.\d+\.\d+-[\w-]+$|uv==[\d.]+", re.I | re.M)
    base, uv = pin.findall(docker)
    assert pin.findall(image) == [base.replace("FROM", "From:"), uv]
    run(["sh", "-n"], input=image.partition("%post")[2], text=True, check=True)
    check, serve = (json.loads(words) for words in re.findall(r"CMD (\[.*\])", docker))
    options = GROUP.commands["serve"].make_context("serve", serve[2:]).params
    assert (options["share"], options["address"], options["port"]) == (True, "0.0.0.0", 8765)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        words = [word.replace("8765", str(server.server_port)) for word in check]
        assert run(words).returncode == 1  # The server answers 404.
        (tmp_path / "readyz").touch()
        assert run(words).returncode == 0
        server.shutdown()
