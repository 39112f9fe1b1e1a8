"""Packages of npm, for one check."""
import re
import subprocess

SKIPPED = 77  # CTest's SKIP_RETURN_CODE
NOT_REACHED = re.compile(r"E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH)")


def install(folder, *packages):
    """Their folder; None where npm does not reach the registry."""
    command = ["npm", "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock",
               "--no-update-notifier", "--loglevel=error", *packages]
    (folder / "package.json").write_text('{"private": true}')
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return folder / "node_modules"
    if NOT_REACHED.search(done.stderr):
        print(f"SKIPPED: npm's registry is not reached: {done.stderr}")
        return None
    raise SystemExit(done.stderr)
