#!/usr/bin/env python3
"""Secrets that others can read are refused with the command that mends it; the server leaves no core; and it says
when it runs as root.

    tests/files/secrets.py TOLLD TOLLCTL"""

import os
import re
import shutil
import subprocess
import sys

from place import Server, play, require

NOBODY = 65534


def certificate(place):
    key, file = place.inside("key.pem"), place.inside("cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", file, "-subj", "/CN=localhost"], check=True, capture_output=True)
    return key, file


def modes(place):
    key, file = certificate(place)
    secret = place.inside("secret")
    with open(secret, "w", encoding="ascii") as out:
        out.write("1" * 40)
    public = place.inside("public.pem")
    subprocess.run(f"openssl genrsa 2048 | openssl rsa -pubout -out {public}", shell=True, check=True,
                   capture_output=True)
    os.chmod(file, 0o644)
    os.chmod(public, 0o644)
    options = ["--tls-cert", file, "--tls-key", key, "--jwt-secret-file", secret, "--jwt-public-key", public]

    def start(*more):
        """It ends by itself if it is refused; else it is ended once it listens."""
        process = subprocess.Popen([place.tolld, "--data", place.data, "--listen", "127.0.0.1:0", *options, *more],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        listens = process.stdout.readline().startswith("listening")
        process.terminate()
        return process.wait(30), listens, process.stderr.read()

    for path in (key, secret):
        for right in (key, secret):
            os.chmod(right, 0o600)
        for mode in (0o604, 0o644, 0o666, 0o660, 0o602):
            os.chmod(path, mode)
            code, listens, said = start()
            require(code == 1 and not listens and path in said, f"{path} {mode:o}: {code} {said}")
            mend = re.search(r"(chmod \S+ \S+) mends", said)
            require(mend and f"{mode:04o}" in said, said)
            code, listens, said = start("--secrets-from-mount")
            require(code == 0 and listens, f"{path} {mode:o} from a mount: {code} {said}")
            subprocess.run(mend[1].split(), check=True)
            code, listens, said = start()
            require(code == 0 and listens, f"{path} mended: {code} {said}")
    if os.getuid() == 0:
        os.chmod(key, 0o640)  # as root's it may be a group's
        require(start()[:2] == (0, True), "root's key for a group")
        os.chown(key, 1, 1)
        require(start()[0] == 1, "another's key for a group")


def no_core(place):
    """The kernel gives the files in /proc/PID of a process without cores to root; else they are its user's."""
    tolld = shutil.copy(place.tolld, place.directory)
    os.chmod(place.directory, 0o755)
    program = tolld
    if os.getuid() == 0:
        for folder, _, names in os.walk(place.data):
            for name in [".", *names]:
                os.chown(os.path.join(folder, name), NOBODY, NOBODY)
        program = place.inside("as_nobody")
        with open(program, "w", encoding="utf-8") as script:
            script.write(f'#!/bin/sh\nexec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups {tolld} "$@"\n')
        os.chmod(program, 0o755)
    server = Server(program, place.data)
    place.servers.append(server)
    require(os.stat(f"/proc/{server.process.pid}/environ").st_uid == 0, "a core would be written")
    require("running_as_root" not in server.said(), server.said())
    require(server.terminate() == 0, server.said())


def root(place):
    if os.getuid() != 0:
        print("not root: the warning is not tried")
        return
    require("running_as_root" in place.serve().said(), "no warning")


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(play(modes, no_core, root))
