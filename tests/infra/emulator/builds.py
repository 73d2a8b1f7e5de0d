"""Runs the builds that CodeBuild is asked for: the deployed project's source, buildspec, environment and role, in a shell
on this machine. Real: the shell, the AWS CLI, every call and the role's rights. Stand-ins: Docker (bin/), and the hub of the
weights' publisher (HF_ENDPOINT of this process).
"""
import os
import subprocess
import sys
import tempfile
import zipfile

import yaml
from ministack.services import codebuild

HERE = os.path.dirname(os.path.abspath(__file__))
PHASES = ["install", "pre_build", "build", "post_build"]


def run(command, cwd, env):
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def environment(project, key, region):
    """What a build sees, and nothing of this process but its PATH."""
    env = {
        "PATH": os.pathsep.join([os.path.join(HERE, "bin"), os.path.dirname(sys.executable), os.environ["PATH"]]),
        "HOME": tempfile.gettempdir(),
        "HF_ENDPOINT": os.environ["HF_ENDPOINT"],
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": key["accessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["secretAccessKey"],
        "AWS_SESSION_TOKEN": key["sessionToken"],
    }
    for variable in project["environment"].get("environmentVariables", []):
        value = variable["value"]
        if variable.get("type") == "SECRETS_MANAGER":
            ask = ["secretsmanager", "get-secret-value", "--secret-id", value, "--query", "SecretString", "--output", "text"]
            value = run(["aws", *ask], HERE, env)
        env[variable["name"]] = value
    return env


def execute(role_session, region):
    def execute_build(build_id, project):
        build = codebuild._builds.get(build_id)
        try:
            status, key = role_session(project["serviceRole"], "codebuild.amazonaws.com")
            if status != 200:
                raise RuntimeError(key["message"])
            env = environment(project, key, region)
            with tempfile.TemporaryDirectory() as folder:
                source = project["source"]
                if source["type"] == "S3":
                    run(["aws", "s3", "cp", f"s3://{source['location']}", f"{folder}/source.zip"], folder, env)
                    zipfile.ZipFile(f"{folder}/source.zip").extractall(f"{folder}/source")
                os.makedirs(f"{folder}/source", exist_ok=True)
                phases = yaml.safe_load(source["buildspec"])["phases"]
                commands = [line for phase in PHASES for line in phases.get(phase, {}).get("commands", [])]
                # One shell for all of them, as in buildspec version 0.2; the first that fails ends the build.
                run(["bash", "-ex", "-c", "\n".join(commands)], f"{folder}/source", env)
            codebuild._finish_build(build, "SUCCEEDED")
        except Exception as error:
            print(f"build {build_id}: {error}", file=sys.stderr, flush=True)
            codebuild._finish_build(build, "FAILED")

    return execute_build
