"""``disk.c``, built where there is a compiler, and the environment that loads it into a process."""

import os
import shutil
import subprocess
from pathlib import Path

NONE = "not injected: no C compiler on this machine"


def built(folder: Path) -> Path | None:
    """The library, or None where it cannot be built."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "disk.so"
    source = Path(__file__).with_name("disk.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True, capture_output=True)
    return library


def loaded(library: Path, file: str, **more: object) -> dict[str, str]:
    """An environment with the library, for files whose names end so; ``write``, ``sync``, ``log`` as in ``disk.c``."""
    settings = {f"FAULTS_{name.upper()}": str(value) for name, value in {"file": file, **more}.items()}
    return {**os.environ, "LD_PRELOAD": str(library), **settings}
