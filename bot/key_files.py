"""Keys that never enter the database, in a folder that is never backed up: each is a file that only Parley can read.

All processes that work on one database share the folder. `CACHEDIR.TAG` in it tells backup programs to pass it by (see
bford.info/cachedir), and so does `.nobackup`.
"""

import os
import re
import secrets
from pathlib import Path

SIZE = 32  # bytes of a key
MARKS = {
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Keys of open pulses: never to be backed up.\n",
    ".nobackup": "Keys of open pulses: never to be backed up.\n",
}
_NAME = re.compile(r"[0-9a-f]{32}")


class KeyFiles:
    """`folder` is made when the first key is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, name: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for mark, text in MARKS.items():
            if not (self._folder / mark).exists():
                (self._folder / mark).write_text(text)
        with open(os.open(self._path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _store(file.fileno(), secrets.token_bytes(SIZE))
        self._settle()

    def read(self, name: str) -> bytes | None:
        """None where it is missing, or cannot be read."""
        try:
            key = self._path(name).read_bytes()
        except OSError:
            return None
        return key if len(key) == SIZE else None

    def destroy(self, name: str) -> bool:
        """Overwrite a key and take its file away, for good; say whether it was there."""
        try:
            with open(os.open(self._path(name), os.O_WRONLY), "wb") as file:
                _store(file.fileno(), secrets.token_bytes(SIZE))
            self._path(name).unlink()
        except FileNotFoundError:
            return False
        self._settle()
        return True

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("no key has such a name")
        return self._folder / f"{name}.key"

    def _settle(self) -> None:
        """Have the folder itself survive a crash as it is now."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _store(file: int, content: bytes) -> None:
    os.pwrite(file, content, 0)
    os.fsync(file)
