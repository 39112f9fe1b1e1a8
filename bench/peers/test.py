#!/usr/bin/env python3
"""Every peer does the work for a moment, and its books agree. Those that are not built in or not installed
are named, and then the test counts as skipped (exit 77): bench/install-packages brings them.

    bench/peers/test.py BENCH_PEERS [postgres] [mariadb] [redis]
"""

import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "driver"))
import servers  # noqa: E402


def main():
    kinds = [kind for kind in servers.installed() if kind in sys.argv[2:]]
    missing = [kind for kind in ("postgres", "mariadb", "redis") if kind not in kinds]
    peers = ["mutex", "rocksdb"] + [name for name in
             ("postgres-application", "postgres-function", "mariadb-application", "mariadb-function",
              "redis") if name.split("-")[0] in kinds]
    with tempfile.TemporaryDirectory(prefix="toll-bench-") as folder:
        pathlib.Path(folder).chmod(0o755)
        with servers.Servers(folder, kinds) as running:
            for peer in peers:
                subprocess.run([sys.argv[1], "--peer", peer, "--where", running.where(peer), "--shape",
                                "hot,ten", "--sessions", "50", "--clients", "1,8", "--seconds", "0.1", "--warm-up", "0.05"],
                               check=True)
    if missing:
        print(f"SKIPPED: {', '.join(missing)}: bench/install-packages, and configure again")
        sys.exit(77)


if __name__ == "__main__":
    main()
