"""`small_disk FOLDER BYTES COMMAND…`: runs a command that sees FOLDER on a disk of its own, in memory.

Started through `unshare --map-root-user --mount`, so that nobody needs to be root; the disk is gone with it.
"""

import os
import shutil
import subprocess
import sys


def main(folder: str, size: str, *command: str) -> None:
    """Lay the disk over the folder with what is in it, and become the command."""
    aside = f"{folder}.aside"
    shutil.copytree(folder, aside)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=True)
    shutil.copytree(aside, folder, dirs_exist_ok=True)
    shutil.rmtree(aside)
    os.chdir(folder)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
