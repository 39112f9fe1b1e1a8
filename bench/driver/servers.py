"""The peers' servers: from Debian's packages, each in a folder and on a Unix socket of its own, as
durable as Toll (the disk has a deduction before it is answered), with the tuning that such a service
would get. Ended by pid."""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import time

POSTGRES_BIN = "/usr/lib/postgresql/15/bin/"
POSTGRES = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
    "listen_addresses": "", "max_connections": "600", "shared_buffers": "1GB",
    "max_wal_size": "8GB", "checkpoint_timeout": "15min", "wal_buffers": "16MB", "jit": "off",
}
MARIADB = {
    "innodb_flush_log_at_trx_commit": "1", "innodb_doublewrite": "1", "innodb_flush_method": "O_DIRECT",
    "innodb_buffer_pool_size": "1G", "innodb_log_file_size": "2G", "max_connections": "600",
    "table_open_cache": "2000", "performance_schema": "OFF", "transaction_isolation": "READ-COMMITTED",
}
REDIS = {
    "appendonly": "yes", "appendfsync": "always", "save": "", "auto-aof-rewrite-percentage": "0",
    "maxclients": "2000", "port": "0",
}


def installed():
    """The servers that are here."""
    found = []
    if os.access(POSTGRES_BIN + "postgres", os.X_OK):
        found.append("postgres")
    if shutil.which("mariadbd") or os.access("/usr/sbin/mariadbd", os.X_OK):
        found.append("mariadb")
    if shutil.which("redis-server"):
        found.append("redis")
    return found


class Server:
    """Started when made. `where` is what bench_peers needs to reach it."""

    def __init__(self, kind, folder):
        self.folder = pathlib.Path(folder) / kind
        self.folder.mkdir()
        # PostgreSQL does not run as root: its package brings a user for it.
        self.user = "postgres" if kind == "postgres" and os.geteuid() == 0 else None
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self.log = open(self.folder / "server.log", "wb")
        command, path = getattr(self, "_" + kind)()
        self.where = str(self.folder) if kind == "postgres" else str(path)
        self.process = self._start(command)
        try:
            self._wait_for(path)
        except BaseException:
            self.stop()
            raise

    def _start(self, command):
        options = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        return subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.log,
                                stderr=subprocess.STDOUT, **options)

    def _run(self, command):
        process = self._start(command)
        if process.wait() != 0:
            raise SystemExit(f"{command[0]} failed: see {self.folder}/server.log")

    def _postgres(self):
        data = self.folder / "data"
        self._run([POSTGRES_BIN + "initdb", "-D", str(data), "--auth=trust", "--username=postgres",
                   "--encoding=UTF8", "--locale=C", "--no-sync"])
        command = [POSTGRES_BIN + "postgres", "-D", str(data), "-k", str(self.folder)]
        for name, value in POSTGRES.items():
            command += ["-c", f"{name}={value}"]
        os.environ["PGUSER"] = "postgres"
        return command, self.folder / ".s.PGSQL.5432"

    def _mariadb(self):
        data, path = self.folder / "data", self.folder / "socket"
        account = pwd.getpwuid(os.geteuid()).pw_name
        self._run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--user={account}",
                   "--auth-root-authentication-method=normal", "--skip-test-db"])
        options = [f"--{name}={value}" for name, value in MARIADB.items()]
        return ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={path}",
                f"--user={account}", "--skip-networking", "--skip-log-bin",
                f"--pid-file={self.folder}/pid", *options], path

    def _redis(self):
        path = self.folder / "socket"
        options = [word for name, value in REDIS.items() for word in ("--" + name, value)]
        return ["redis-server", "--dir", str(self.folder), "--unixsocket", str(path), *options], path

    def _wait_for(self, path):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if self._answers(path):
                return
            time.sleep(0.05)
        raise SystemExit(f"a server did not start: {self.log_end()}")

    def _answers(self, path):
        if path.name.startswith(".s.PGSQL"):
            # Its socket is there before it takes anybody.
            return subprocess.run([POSTGRES_BIN + "pg_isready", "-q", "-h", str(self.folder)],
                                  check=False).returncode == 0
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(path))
                return True
        except OSError:
            return False

    def log_end(self):
        return (self.folder / "server.log").read_text(errors="replace")[-2000:]

    def stop(self):
        if self.process.poll() is None:
            # SIGTERM lets PostgreSQL wait for its clients; none is left when this is called.
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Servers:
    """All servers that are installed, for the time of a `with`."""

    def __init__(self, folder, kinds):
        self.folder, self.kinds, self.running = folder, kinds, {}

    def __enter__(self):
        try:
            for kind in self.kinds:
                self.running[kind] = Server(kind, self.folder)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self.running.values():
            server.stop()

    def where(self, peer):
        """What --where of bench_peers must be; a folder of its own for what needs no server."""
        kind = peer.split("-")[0]
        if kind in self.running:
            return self.running[kind].where
        folder = pathlib.Path(self.folder) / peer
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return str(folder)
