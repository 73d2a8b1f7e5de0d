"""The image's tree, laid out as the Dockerfile's run stage copies it, without Docker."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

from tests.test_workers import ask_until_gone

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
RUN_STAGE = DOCKERFILE[DOCKERFILE.index(" AS run\n") :]


def lay_out(root: Path, models: Path) -> None:
    """COPY lines of the run stage; the two environments are links to this one, which has what both import on a CPU."""
    for line in re.findall(r"^COPY (?!--from)(.+)$", RUN_STAGE, re.MULTILINE):
        source, target = line.split()
        shutil.copytree(ROOT / source, root / target.lstrip("/"), ignore=shutil.ignore_patterns("__pycache__"))
    for name in re.findall(r"^COPY --from=build (/opt/sam3\w*) ", RUN_STAGE, re.MULTILINE):
        environment = root / name.lstrip("/")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
        packages = next(environment.glob("lib/python*/site-packages"))
        (packages / "tests.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    shutil.copytree(models, root / "opt/ml/model")


def test_the_server_starts_from_the_image_s_tree_and_refuses_to_be_healthy_without_sam_3d(
    tiny_weights: Path, tmp_path: Path
) -> None:
    lay_out(tmp_path, tiny_weights)
    assert sorted(path.name for path in (tmp_path / "opt/engine").iterdir()) == ["gen3d_engine"]
    port = 19000 + os.getpid() % 20000
    environment = {
        "PYTHONPATH": str(tmp_path / "opt/engine"),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    # As `python -m gen3d_engine.serve`, but with another root.
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom gen3d_engine.jobs import EngineId\n"
        "from gen3d_engine.serve import image_commands, main\n"
        "code = main(image_commands(Path(sys.argv[1])), EngineId('sam3d', '1'))\nsys.stdout.flush()\nos._exit(code)"
    )
    process = subprocess.Popen(
        [str(tmp_path / "opt/sam3/bin/python"), "-c", script, str(tmp_path)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    seen: set[int] = set()
    asking = threading.Thread(target=ask_until_gone, args=(process, port, seen))
    asking.start()
    output, _ = process.communicate(timeout=300)
    asking.join(10)
    assert process.returncode == 1
    assert 500 in seen
    assert 200 not in seen
    [line] = [line for line in output.splitlines() if json.loads(line)["level"] == "error"]
    assert "weights missing: sam3d/checkpoints/pipeline.yaml" in line


def test_the_image_runs_as_nobody_in_particular_and_starts_what_sagemaker_calls() -> None:
    assert re.search(r"^USER \d+$", RUN_STAGE, re.MULTILINE)
    [entry] = re.findall(r"^ENTRYPOINT (.+)$", RUN_STAGE, re.MULTILINE)
    assert json.loads(entry) == ["/opt/sam3/bin/python", "-m", "gen3d_engine.serve"]
    assert 'TORCH_CUDA_ARCH_LIST="8.6;8.9"' in DOCKERFILE
    assert "nvcc" not in RUN_STAGE
    assert "devel" not in RUN_STAGE


def test_every_argument_of_the_build_has_a_value_that_is_pinned() -> None:
    arguments = dict(re.findall(r"^ARG (\w+)(?:=(.*))?$", DOCKERFILE, re.MULTILINE))
    assert all(arguments.values())
    for name, value in arguments.items():
        if name.endswith("_COMMIT"):
            assert re.fullmatch(r"[0-9a-f]{40}", value), name
    assert "latest" not in DOCKERFILE


def test_the_buildspec_builds_what_the_archive_holds() -> None:
    spec = (ROOT.parent / "buildspecs" / "image.yml.txt").read_text()
    assert re.search(r'docker build --tag "\$REPOSITORY:\$TAG" \.', spec)
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    copied = {line.split()[0].split("/")[0] for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)}
    assert copied == {name.lstrip("!") for name in ignored if name.startswith("!")}
