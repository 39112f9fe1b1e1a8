#!/usr/bin/env python3
"""The Debian package in a fresh tree: installed, used as docs/START.md says, reloaded, removed, purged, and upgraded
from an older build with its data.

    tests/package/package.py DEB START.md INSTALL_PACKAGES

Skipped (exit 77) where nobody may chroot, or mmdebstrap or the package is not there."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from contents import completion, files, listed_to_run, same_as_installed
from tree import DATA, Installed, Tree, require

MOST_BYTES = 12_000_000


def downloads(tree, package):
    found = tree.downloads(package)
    total = sum(found.values())
    for name, size in sorted(found.items(), key=lambda each: -each[1]):
        print(f"  {size / 1e6:5.2f} MB  {name}")
    itself = os.path.getsize(tree.inside(package))
    print(f"downloads: {len(found)} packages, {total / 1e6:.2f} MB beside {itself / 1e6:.2f} MB")
    require(found and total < MOST_BYTES, total)


def first_steps(page):
    """The commands of the page, without the `sudo` that root does not need."""
    section = page.split("\n## Installed\n")[1].split("\n## ")[0]
    return re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1].replace("sudo ", "")


def newcomer(tree, package, page):
    """From apt install to tollctl explain, as printed; what systemd would start is started by hand."""
    install, rest = first_steps(page).split("\n", 1)
    require(install == "apt install ./build-package/toll_*.deb" and ":8080" in rest, install)
    begun = time.monotonic()
    tree.run("apt-get", "install", "-qy", package)
    installed = time.monotonic()
    server = Installed(tree)
    serving = time.monotonic()
    told = tree.run("bash", "-euc", rest.replace(":8080", f":{server.port}"))
    over = time.monotonic()
    print(told)
    print(f"a newcomer: installed after {installed - begun:.1f} s, serves after {serving - begun:.1f} s, "
          f"`tollctl explain` after {over - begun:.1f} s")
    require("the manual unit" in told and "in all 1 units taken" in told, told)
    return server


def bill(tree, server, session):
    """What is charged for a chat; its statement."""
    created = tree.run("tollctl", "token", "create", "--data", DATA, "--name", session, "--role", "service")
    server.token = next(line for line in created.splitlines() if line.startswith("toll_"))
    deadline = time.monotonic() + 60
    while server.ask("GET", "/v1/events")[0] == 401:  # it looks for new tokens four times a second
        require(time.monotonic() < deadline, "the token is not taken")
    server.change("PUT", f"/v1/subscriptions/{session}", {"patient_id": f"p-{session}", "units": {"text": 3},
                                                          "ends_at": "2099-01-01T00:00:00Z"})
    server.change("POST", "/v1/sessions", {"id": session, "channel": "text", "patient_id": f"p-{session}",
                                           "doctor_id": f"d-{session}"})
    server.change("POST", f"/v1/sessions/{session}/activate", {})
    require(server.change("POST", f"/v1/sessions/{session}/end", {})["deducted"] == 1, "one unit")
    return server.get(f"/v1/sessions/{session}/statement")


def reload(server):
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 60
    while '"reloading"' not in server.said():
        require(time.monotonic() < deadline and server.lives(), server.said())
        time.sleep(0.02)
    server.get("/v1/events")


def purge(tree):
    tree.run("apt-get", "remove", "-qy", "toll")
    require(not os.path.exists(tree.inside("/usr/bin/tolld")), "the program is there")
    require(os.path.exists(tree.inside("/etc/toll/tolld.conf")), "a removal takes the configuration away")
    said = tree.run("apt-get", "purge", "-qy", "toll")
    require(f"{DATA} is kept" in said, said)
    require(os.path.exists(tree.inside(f"{DATA}/CURRENT")), "the books are gone")
    require(not os.path.exists(tree.inside("/etc/toll")), "the configuration is there")
    require(not os.path.exists(tree.inside("/etc/systemd/system/multi-user.target.wants/tolld.service")), "enabled")


def older(deb, place):
    """The same programs under an earlier version: what is tried is what dpkg does. Older data is in tests/upgrade."""
    content = os.path.join(place, "older")
    subprocess.run(["dpkg-deb", "-R", deb, content], check=True)
    control = os.path.join(content, "DEBIAN/control")
    with open(control, encoding="utf-8") as file:
        text = re.sub(r"^Version: .*$", "Version: 0.1.9", file.read(), flags=re.MULTILINE)
    with open(control, "w", encoding="utf-8") as file:
        file.write(text)
    made = os.path.join(place, "toll_0.1.9_amd64.deb")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", content, made], check=True, stdout=subprocess.DEVNULL)
    return made


def version(tree):
    return tree.run("dpkg-query", "-W", "-f", "${Version}", "toll")


def upgrade(tree, old, new):
    """What was billed before is there; so is what the operator has written into the configuration."""
    tree.run("apt-get", "install", "-qy", old)
    require(version(tree) == "0.1.9", version(tree))
    server = Installed(tree)
    before = {"u1": bill(tree, server, "u1"), "t1": server.get("/v1/sessions/t1/statement")}
    token = server.token
    tree.write("/etc/toll/tolld.conf", tree.read("/etc/toll/tolld.conf") + "log-level=debug\n")
    tree.run("apt-get", "install", "-qy", new)
    require(version(tree) != "0.1.9" and server.lives(), "an upgrade leaves a server that systemd does not know alone")
    require(server.terminate() == 0, server.said())
    require("log-level=debug" in tree.read("/etc/toll/tolld.conf"), "the configuration was replaced")
    server = Installed(tree, token)
    for session, statement in before.items():
        require(server.get(f"/v1/sessions/{session}/statement") == statement, session)
    bill(tree, server, "u2")
    require(server.terminate() == 0, server.said())
    print(tree.run("runuser", "-u", "toll", "--", "tollctl", "verify", "--data", DATA))


def main():
    deb, start, install_packages = (os.path.abspath(path) for path in sys.argv[1:4])
    if os.geteuid() != 0 or shutil.which("mmdebstrap") is None or not os.path.exists(deb):
        print("SKIPPED: not root, no mmdebstrap, or no package: tools/package makes it")
        sys.exit(77)
    if os.environ.get("TOLL_MOUNTS") != "own":
        os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, "-B", *sys.argv],
                   dict(os.environ, TOLL_MOUNTS="own"))
    listed_to_run(deb, install_packages)
    with open(start, encoding="utf-8") as file:
        page = file.read()
    place = tempfile.mkdtemp(prefix="toll-package-", dir="/var/tmp")
    tree = None
    try:
        same_as_installed(deb, place)
        tree = Tree(place)
        new, old = "/root/" + os.path.basename(deb), "/root/toll_0.1.9_amd64.deb"
        shutil.copyfile(deb, tree.inside(new))
        shutil.copyfile(older(deb, place), tree.inside(old))
        downloads(tree, new)
        tree.run("apt-get", "install", "-qy", "--no-install-recommends", "curl")
        server = newcomer(tree, new, page)
        files(tree)
        completion(tree)
        bill(tree, server, "t2")
        reload(server)
        require(server.terminate() == 0, server.said())
        purge(tree)
        upgrade(tree, old, new)
        purge(tree)
    finally:
        if tree:
            tree.leave()
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
