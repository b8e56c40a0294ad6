"""Case (f) needs Node: its packages are installed once, outside of the repository."""

import os
import shutil
import subprocess
from pathlib import Path

import platformdirs

PACKAGES = ("@slack/bolt@4.7.3", "better-sqlite3@12.11.1")
SCRIPT = Path(__file__).parent / "bolt.js"


def command(port: int, database: Path) -> list[str]:
    return ["node", str(SCRIPT), str(port), str(database)]


def prepare() -> str | None:
    """Install what is missing; a sentence where the case cannot be measured."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "there is no Node here (node and npm), so bolt-js is left out"
    folder = platformdirs.user_cache_path("parley-bench", appauthor=False)
    if not (folder / "node_modules" / "better-sqlite3").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", *PACKAGES]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            return (
                f"npm could not install {' and '.join(PACKAGES)}, so bolt-js is left out: {done.stderr[-300:].strip()}"
            )
    os.environ["NODE_PATH"] = str(folder / "node_modules")
    return None
