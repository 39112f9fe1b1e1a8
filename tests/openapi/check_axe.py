#!/usr/bin/env python3
"""Has axe-core look at /docs of a real server in a browser: check_axe.py TOLLD

It finds nothing, in light and dark, on a phone and on a wide screen, closed as the page comes and with everything opened.
Where npm's registry is not reached it says so and is skipped (exit 77).
"""
import os
import pathlib
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from browser import Browser  # noqa: E402
from npm import SKIPPED, install  # noqa: E402
from tolld import Server  # noqa: E402

AXE = "axe-core@4.14.1"
LOOKS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
# Every part that opens, and what was inside of it; a response of each kind; the menu of a phone.
OPEN = """(async () => {
  const closed = () => document.querySelectorAll("details:not([open])");
  for (const field of document.querySelectorAll(".try input[required]")) field.value = "x";
  for (const form of document.querySelectorAll("#get_livez form, #get_session form")) form.requestSubmit();
  while (closed().length) {
    for (const part of closed()) part.open = true;
    await new Promise((done) => setTimeout(done));
  }
  while (document.querySelectorAll(".try .status:not(:empty)").length < 2) await new Promise((done) => setTimeout(done));
})()"""
# The size of targets is the one rule of WCAG 2.2 AA that is off unless it is asked for.
RUN = """axe.run(document, {resultTypes: ["violations", "incomplete"], rules: {"target-size": {enabled: true}}}).then((found) =>
  [...found.violations, ...found.incomplete].map((one) =>
    `${one.id} (${one.nodes.length}): ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + " " + node.failureSummary).join("; ")}`)
    .concat(found.passes.length < 20 ? ["axe looked at nothing"] : []))"""


def findings(tab, url, axe):
    for width, scheme in LOOKS:
        tab.look(width, scheme)
        tab.open(url)
        tab.run(axe)
        for state in ("closed", "open"):
            if state == "open":
                tab.run(OPEN)
            yield from (f"{width} px, {scheme}, {state}: {one}" for one in tab.run(RUN))


def main():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        packages = install(folder, AXE)
        if not packages:
            return SKIPPED
        server = Server(os.path.abspath(sys.argv[1]), str(folder / "data"))
        try:
            with Browser(folder) as browser:
                axe = (packages / "axe-core/axe.min.js").read_text()
                found = list(findings(browser.tab(), f"http://127.0.0.1:{server.port}/docs", axe))
        finally:
            server.kill()
    print(*found, f"{2 * len(LOOKS)} looks, {len(found)} findings", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
