#!/usr/bin/env python3
"""Uses /docs of a real server as a person does: check_use.py TOLLD TOLLCTL OPENAPI_JSON

The token is in view, belongs to its tab and is never in an address; forms, examples, copying, anchors and the keyboard work; and
what the document says stays text.
"""
import os
import pathlib
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from browser import Browser  # noqa: E402
from document import Document  # noqa: E402
from tolld import Server, make_token  # noqa: E402

IN_VIEW = """((element) => {
  const { left, top, right, bottom, width } = element.getBoundingClientRect();
  return width > 100 && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
})"""
# Where the page keeps things beside the fields of its session.
KEPT = "JSON.stringify([{...localStorage}, document.cookie, location.href, document.title, history.state])"
# The document as somebody would have it who wants his text to become a part of the page.
PLANT = """const real = fetch;
const planted = (value) => typeof value === "string" ? value + "<img class=planted src=x onerror=alert(1)>" : value;
const spoil = (node) => {
  for (const [key, value] of Object.entries(node)) {
    if (value && typeof value === "object") spoil(value);
    else if (["description", "summary", "title", "x-remedy", "payment_ref", "reason"].includes(key)) node[key] = planted(value);
  }
  return node;
};
globalThis.fetch = async (...words) => {
  const answer = await real(...words);
  return {ok: true, json: async () => spoil(await answer.json())};
};"""


def form(operation):
    return f"document.querySelector('#{operation} form')"


def fill(tab, operation, field, value):
    tab.run(f"{form(operation)}.querySelector('[name={field}]').value = {value!r}")


def send(tab, operation):
    """What the form shows when Enter was pressed in it."""
    tab.run(f"{form(operation)}.querySelector('.status').textContent = ''; {form(operation)}.querySelector('input').focus()")
    tab.key("Enter", 13, "\r")
    return tab.run(f"""new Promise((done) => {{
      const status = {form(operation)}.querySelector('.status'), output = {form(operation)}.querySelector('pre');
      const look = () => status.textContent && output.textContent ? done(`${{status.textContent}} ${{output.textContent}}`) : setTimeout(look, 10);
      look();
    }})""")


def check_token(tab, browser, url, server):
    for width in (1280, 390):
        tab.look(width)
        for place in ("0", "document.documentElement.scrollHeight"):
            tab.run(f"scrollTo({{top: {place}, behavior: 'instant'}})")
            if not tab.run(f"{IN_VIEW}(document.getElementById('token'))"):
                yield f"the token field is not in view: {width} px, scrolled to {place}"
    fill(tab, "get_balance", "id", "p1")
    if not (said := send(tab, "get_balance")).startswith("401 Unauthorized unauthenticated"):
        yield f"without a token: {said}"
    tab.run("document.getElementById('token').focus()")
    tab.send("Input.insertText", text=server.token)
    if not (said := send(tab, "get_balance")).startswith("200") or '"p1"' not in said:
        yield f"with a token: {said}"
    tab.open(f"{url}#get_balance")
    tab.reload()
    if tab.run("document.getElementById('token').value") != server.token:
        yield "the token is gone after the page was loaded again"
    other = browser.tab()
    other.open(url)
    if other.run("document.getElementById('token').value"):
        yield "another tab has the token"
    if server.token in tab.run(KEPT):
        yield "the token is kept where it outlives the tab"
    requests = [event["request"] for event in tab.events("Network.requestWillBeSent")]
    if any(server.token in request["url"] or server.token in request.get("postData", "") for request in requests):
        yield "the token is in an address or a body"
    shown = [request["url"] for request in requests if server.token in str(request["headers"])]
    if not shown or not all("/v1/" in address for address in shown):
        yield f"requests that show the token: {shown}"
    tab.run("document.getElementById('token').value = ''; document.getElementById('token').dispatchEvent(new Event('input'))")
    tab.open(url)
    if tab.run("document.getElementById('token').value"):
        yield "a token that was taken out of the field is there again"


def check_examples(tab, browser, url, server):
    choose = "[...document.querySelectorAll('#end_session .choice')].find((choice) => choice.textContent === 'PHP')"
    before = tab.run(f"scrollTo(0, 9000); {choose}.getBoundingClientRect().top")
    tab.run(f"{choose}.click()")
    if abs(tab.run(f"{choose}.getBoundingClientRect().top") - before) > 1:
        yield "the page jumps when a language is chosen"
    tab.reload()
    codes = tab.run("[...document.querySelectorAll('article .code')].map((code) => code.textContent)")
    if not all(code.startswith("<?php") for code in codes):
        yield "the language is not kept in the tab, or not everywhere"
    pressed = tab.run("[...document.querySelectorAll('#end_session .choice')].map((one) => one.ariaPressed).join()")
    if pressed != "false,true,false":
        yield f"chosen languages: {pressed}"
    if any(server.token in code for code in codes):
        yield "an example has the token in it"
    tab.send("Page.bringToFront")
    browser.send("Browser.grantPermissions", origin=f"http://127.0.0.1:{server.port}", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    tab.run("document.querySelector('#end_session .bar button:last-child').focus()")
    tab.key("Enter", 13, "\r")
    copied = tab.run("""new Promise((done) => {
      const said = document.getElementById("said");
      const look = () => said.textContent ? done(said.textContent) : setTimeout(look, 10);
      look();
    }).then(async (said) => [said, await navigator.clipboard.readText(), document.querySelector("#end_session .code").textContent])""")
    if copied[0] != "Copied the PHP example." or copied[1] != copied[2]:
        yield f"copied: {copied}"
    selected = tab.run("""(async () => {
      Object.defineProperty(navigator, "clipboard", {value: undefined});
      document.querySelector("#end_session .bar button:last-child").click();
      return [String(getSelection()), document.querySelector("#end_session .code").textContent];
    })()""")
    if selected[0].strip() != selected[1].strip():
        yield f"where nothing can be copied, this is selected: {selected}"


def check_layout(tab):
    places = """[...document.querySelectorAll("article")].map((article) => {
      const [said, form] = [article.querySelector(".described"), article.querySelector("form")].map((one) => one.getBoundingClientRect());
      return [article.id, form.left >= said.right && form.top < said.top + 60, form.top >= said.bottom];
    })"""
    for width, column in ((1280, 1), (390, 2)):
        tab.look(width)
        yield from (f"{width} px: the form of {place[0]} is not where it belongs" for place in tab.run(places) if not place[column])
        if tab.run("document.documentElement.scrollWidth > innerWidth"):
            yield f"{width} px: the page is wider than the window"


def check_anchors(tab, document, url):
    names = [operation.node["operationId"] for operation in document.operations]
    names += [tag["name"].lower().replace(" ", "-") for tag in document.raw["tags"]]
    names += ["formats", "errors", "authentication", "error-codes"]
    codes = [branch["const"] for branch in document.raw["components"]["schemas"]["ErrorCode"]["oneOf"]]
    for name in [*names, *(f"error-{code}" for code in codes)]:
        if not tab.run(f"document.getElementById('{name}')?.querySelector('a.anchor')?.getAttribute('href') === '#{name}'"):
            yield f"{name} has no anchor with a sign"
    twice = tab.run("[...document.querySelectorAll('[id]')].length - new Set([...document.querySelectorAll('[id]')].map((one) => one.id)).size")
    lost = tab.run("[...document.querySelectorAll('a[href^=\"#\"]')].filter((a) => !document.getElementById(a.hash.slice(1))).map((a) => a.hash)")
    if twice or lost:
        yield f"ids that are there twice: {twice}; links that lead nowhere: {lost}"
    for name in ("refund_units", "error-no_units"):
        tab.open(f"{url}#{name}")
        top = tab.run(f"document.querySelector('#{name}:target')?.getBoundingClientRect().top ?? -1")
        if not 40 <= top <= 200:
            yield f"#{name} opens the page with it at {top}"
    rows = tab.run("[...document.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))")
    wanted = [[str(b["x-status"]), b["const"], b["description"].replace("`", ""), b["x-remedy"].replace("`", "")]
              for b in document.raw["components"]["schemas"]["ErrorCode"]["oneOf"]]
    if rows != wanted:
        yield "the table of codes is not what the document says"
    headings = tab.run("[...document.querySelectorAll('article h3')].map((heading) => heading.textContent)")
    if sorted(headings) != sorted(operation.node["summary"] for operation in document.operations):
        yield f"headings: {headings}"


def check_keyboard(tab, url):
    tab.look(1280)
    tab.open(url)
    way = []
    for _ in range(6):
        tab.key("Tab", 9)
        way.append(tab.run("document.activeElement.id || document.activeElement.textContent"))
        if tab.run("getComputedStyle(document.activeElement).outlineStyle") == "none":
            yield f"nothing shows the focus at {way[-1]}"
    if way[:4] != ["Skip to the content", "Toll API", "token", "filter"]:
        yield f"the way of the keyboard: {way}"
    tab.run("document.querySelector('.skip')?.focus()")
    tab.key("Enter", 13, "\r")
    if tab.run("document.activeElement.id") != "top":
        yield "the link past the contents does not lead there"


def check_text(tab, url):
    tab.send("Page.addScriptToEvaluateOnNewDocument", source=PLANT)
    tab.open(url)
    tab.run("for (const part of document.querySelectorAll('details')) part.open = true")
    if tab.run("document.querySelector('main img, nav img, .planted')") or not tab.run("document.body.textContent.includes('<img class=planted')"):
        yield "what the document says became a part of the page"


def faults(browser, server, document):
    tab, url = browser.tab(), f"http://127.0.0.1:{server.port}/docs"
    tab.open(url)
    yield from check_token(tab, browser, url, server)
    yield from check_examples(tab, browser, url, server)
    yield from check_layout(tab)
    yield from check_anchors(tab, document, url)
    yield from check_keyboard(tab, url)
    yield from check_text(tab, url)
    yield from (f"the page threw: {event}" for event in tab.events("Runtime.exceptionThrown"))
    yield from (f"the browser says: {event['entry']['text']}" for event in tab.events("Log.entryAdded")
                if event["entry"]["level"] == "error" and "401" not in event["entry"]["text"])


def main():
    tolld, tollctl, path = map(os.path.abspath, sys.argv[1:])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        data = str(pathlib.Path(name) / "data")
        server = Server(tolld, data, token=make_token(tollctl, data, "a", "admin"))
        try:
            with Browser(name) as browser:
                found = list(faults(browser, server, Document(path)))
        finally:
            server.kill()
    print(*found, f"{len(found)} faults", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
