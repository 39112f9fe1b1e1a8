"""Chromium, driven by its DevTools protocol through two pipes: messages are JSON and end with a zero byte."""
import fcntl
import json
import os
import select
import subprocess

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--no-default-browser-check",
         "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--remote-debugging-pipe"]
PATIENCE_S = 60  # a bound, and not a promise
RENDERED = """new Promise((done) => {
  const look = () => document.getElementById("top").dataset.operations ? done(true) : setTimeout(look, 20);
  look();
})"""


def high(descriptor):
    """The same file as a descriptor that is neither 3 nor 4, where the browser wants its own."""
    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return copy


class Browser:
    """Use it by `with`: it is ended, and its pipes are closed."""

    def __init__(self, folder):
        (theirs_in, ours_out), (ours_in, theirs_out) = map(lambda pair: tuple(map(high, pair)), (os.pipe(), os.pipe()))

        def pipes():
            os.dup2(theirs_in, 3)
            os.dup2(theirs_out, 4)

        self.process = subprocess.Popen(["chromium", *FLAGS, f"--user-data-dir={folder}/profile"], preexec_fn=pipes, pass_fds=(3, 4),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.output, self.input = os.fdopen(ours_out, "wb", 0), ours_in
        self.buffer, self.last, self.events = b"", 0, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.output.close()
        os.close(self.input)

    def receive(self):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.input], [], [], PATIENCE_S)
            if not ready:
                raise AssertionError("in vain: the browser says nothing")
            part = os.read(self.input, 1 << 20)
            if not part:
                raise AssertionError("the browser has ended")
            self.buffer += part
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def send(self, method, session=None, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        self.output.write(json.dumps(message).encode() + b"\0")
        while (answer := self.receive()).get("id") != self.last:
            self.events.append(answer)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def tab(self):
        return Tab(self, self.send("Target.createTarget", url="about:blank")["targetId"])


class Tab:
    def __init__(self, browser, target):
        self.browser = browser
        self.session = browser.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method, **parameters):
        return self.browser.send(method, self.session, **parameters)

    def events(self, method):
        """What this tab has seen so far."""
        return [e["params"] for e in self.browser.events if e.get("sessionId") == self.session and e["method"] == method]

    def run(self, expression):
        """What JavaScript in the page makes of it; promises are awaited. A click counts as that of a person."""
        done = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in done:
            raise AssertionError(f"{expression[:200]}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def look(self, width, scheme="light"):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def key(self, key, code, text=""):
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=text if kind == "keyDown" else "")

    def load(self, method, **parameters):
        loaded = len(self.events("Page.loadEventFired"))
        self.send(method, **parameters)
        while len(self.events("Page.loadEventFired")) == loaded:
            self.browser.events.append(self.browser.receive())

    def open(self, url):
        """Opens the page anew, also where only what follows # is another, and waits until it has rendered the document."""
        self.load("Page.navigate", url="about:blank")
        self.load("Page.navigate", url=url)
        self.run(RENDERED)

    def reload(self):
        self.load("Page.reload")
        self.run(RENDERED)
