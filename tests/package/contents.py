"""What is in the package, and whether it is where it belongs."""

import os
import re
import subprocess

from tree import DATA, output, require


def depends(package):
    said = output("dpkg-deb", "--field", package, "Depends")
    return set(re.findall(r"[a-z0-9.+-]+(?= \(|,|$)", re.sub(r" \(.*?\)", "", said.strip())))


def listed_to_run(deb, install_packages):
    """What `tools/install-packages run` names is what the linker found."""
    listed = set(output(install_packages, "run", "--list").split())
    loaded = {name.removesuffix("-fmt9") for name in depends(deb) if name.startswith("lib")} - {"libc6", "libgcc-s1"}
    require(listed == loaded, f"listed and not loaded: {listed - loaded}; loaded and not listed: {loaded - listed}")


def same_as_installed(deb, place):
    """`cmake --install` of the build that the package comes from puts the same files."""
    root = os.path.join(place, "installed")
    subprocess.run(["cmake", "--install", os.path.dirname(deb), "--strip"], check=True, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, DESTDIR=root))
    installed = {os.path.join(folder, name)[len(root):] for folder, _, names in os.walk(root) for name in names}
    packed = {path[1:] for path in re.findall(r" (\./\S*[^/\s])$", output("dpkg-deb", "--contents", deb), re.MULTILINE)}
    require(installed == packed, f"only one of both has {installed ^ packed}")


def files(tree):
    require(tree.run("stat", "-c", "%a %U:%G", DATA).strip() == "700 toll:toll", "the data directory")
    require(os.path.islink(tree.inside("/etc/systemd/system/multi-user.target.wants/tolld.service")), "not enabled")
    listed = tree.run("dpkg", "--listfiles", "toll").split()
    for path in ("/usr/share/man/man1/tolld.1.gz", "/usr/share/man/man1/tollctl.1.gz",
                 "/usr/share/doc/toll/docs/OPERATIONS.md", "/usr/lib/sysusers.d/toll.conf",
                 "/usr/lib/tmpfiles.d/toll.conf"):
        require(path in listed, path)
    require("/etc/toll/tolld.conf" in tree.run("dpkg-query", "-W", "-f", "${Conffiles}", "toll"), "not a conffile")
    for program in ("tolld", "tollctl"):
        sections = output("readelf", "--sections", "--wide", tree.inside(f"/usr/bin/{program}"))
        require(".debug" not in sections and ".symtab" not in sections, f"{program} is not stripped")
    print(tree.run("tolld", "--config", "/etc/toll/tolld.conf", "--policy", "/usr/share/doc/toll/examples/policy.json",
                   "--check"))


def completion(tree):
    def completed(*line):
        words = " ".join(f"'{word}'" for word in line)
        return tree.run("bash", "-c", f"""
            source /usr/share/bash-completion/completions/{line[0]}
            COMP_WORDS=({words}); COMP_CWORD={len(line) - 1}
            _{line[0]} '{line[0]}' '{line[-1]}' '{line[-2]}'; printf '%s\\n' "${{COMPREPLY[@]}}" """).split()
    require(completed("tolld", "--max-s") == ["--max-streams"], completed("tolld", "--max-s"))
    require(completed("tolld", "--log-level", "w") == ["warn"], "a level")
    require(completed("tollctl", "ba") == ["backup"], completed("tollctl", "ba"))
    require(completed("tollctl", "token", "") == ["--help", "create", "list", "revoke"], "commands of a command")
    require(completed("tollctl", "token", "create", "--n") == ["--name"], "an option of a command")
