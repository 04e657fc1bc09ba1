"""Installs one version of the SDK: install.py VERSION FOLDER

FOLDER becomes a virtual environment. pip is run by that environment's own
interpreter, and so is the app later: the folder is moved once it is complete, and
scripts like bin/pip name the place where they were written.

Only wheels are taken: nothing of what is installed runs before the app does.
"""

import subprocess
import sys
import venv
from pathlib import Path

PIP = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--only-binary=:all:"]


def main(version: str, folder: str) -> int:
    venv.create(folder, with_pip=True, symlinks=True)
    interpreter = Path(folder) / "bin" / "python"
    requirements = Path(__file__).with_name("requirements.txt")
    packages = [f"inngest=={version}", "--requirement", str(requirements)]
    return subprocess.run([str(interpreter), *PIP, *packages], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
