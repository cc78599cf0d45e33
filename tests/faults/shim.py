"""``disk.c``, built where a C compiler can, and the environment that loads it into a process."""

import os
import shutil
import subprocess
from pathlib import Path

NO_COMPILER = "no C compiler on this machine"


def built(folder: Path) -> Path | None:
    """The library, or None where it cannot be built: for want of a compiler, or of what it links with."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "disk.so"
    source = Path(__file__).with_name("disk.c")
    command: list[str | Path] = [compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"]
    return library if subprocess.run(command, check=False, capture_output=True).returncode == 0 else None


def loaded(library: Path, file: str, **more: object) -> dict[str, str]:
    """An environment with the library, for files whose names end so; ``write``, ``sync``, ``log`` as in ``disk.c``."""
    settings = {f"FAULTS_{name.upper()}": str(value) for name, value in {"file": file, **more}.items()}
    return {**os.environ, "LD_PRELOAD": str(library), **settings}
