"""A library whose ABI the modules must refuse."""

import os
import re
import subprocess


def build_foreign_library(top, folder):
    """Builds it. Returns its path, and the error that the module must log."""
    with open(os.path.join(top, "include/earwig.h")) as f:
        ours = int(re.search(r"#define EARWIG_ABI_VERSION (\d+)", f.read()).group(1))
    with open(os.path.join(folder, "other.c"), "w") as f:
        with open(os.path.join(top, "c-tests/exports.txt")) as names:
            f.writelines(f"long {name.strip()}(void) {{ return 99; }}\n" for name in names if "version" not in name)
        f.write(f'unsigned earwig_abi_version(void) {{ return {ours + 1}; }}\nconst char *earwig_version(void) {{ return "9.9"; }}\n')
    library = os.path.join(folder, "libearwig.so.0")
    subprocess.run(["gcc", "-w", "-shared", "-fPIC", "-Wl,-soname,libearwig.so.0", "-o", library, f.name], check=True)
    return library, f"libearwig 9.9 has ABI {ours + 1}; this module was built for {ours}"
