"""The wall clock as the server sees it, moved by libfaketime while the server runs; and what server time can
be by it: never back, so at most the latest that this clock ever showed; and as if it had not moved, while it has
moved too far to be followed."""

import glob
import os
import time

# libfaketime allocates while it tells the time, and jemalloc asks for the time while it holds its locks: the
# server would wait for itself. So it gets an allocator that asks nobody; a sanitized one has such a one.
LIBRARIES = ("/usr/lib/*/libtcmalloc_minimal.so.4", "/usr/lib/*/faketime/libfaketimeMT.so.1")
if "TOLL_SANITIZED" in os.environ:
    LIBRARIES = LIBRARIES[1:]


def preloaded():
    """Where Debian's packages `libtcmalloc-minimal4` and `faketime` have them; None without both."""
    found = [path for pattern in LIBRARIES for path in glob.glob(pattern)[:1]]
    return ":".join(found) if len(found) == len(LIBRARIES) else None


class Wall:
    """Milliseconds since 1970, as the server counts them."""

    def __init__(self, directory):
        self.file = os.path.join(directory, "wall")
        self.offset_s = 0.0
        self.latest = 0
        self.not_followed = None  # how far server time is from this clock: at least, and at most
        self.move(0)

    def environment(self):
        """For the server. Only the wall clock is moved, and the file is read each time."""
        return dict(os.environ, LD_PRELOAD=preloaded(), FAKETIME_TIMESTAMP_FILE=self.file,
                    FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")

    def now(self):
        return int((time.time() + self.offset_s) * 1000)

    def at_least(self):
        """Server time is there, or will be at once."""
        return self.now() + (self.not_followed[0] if self.not_followed else 0)

    def at_most(self):
        """Server time is not beyond this."""
        self.latest = max(self.latest, self.now() + 1 + (self.not_followed[1] if self.not_followed else 0))
        return self.latest

    def move_too_far(self, seconds):
        """By more than the server follows; and back again, with what comes next."""
        at_least, at_most = self.at_least(), self.at_most()
        self.write(seconds)
        self.not_followed = (at_least - self.now(), at_most - self.now() + 100)

    def move(self, seconds):
        self.at_most()
        self.write(seconds)
        self.not_followed = None
        self.at_most()

    def write(self, seconds):
        self.offset_s += seconds
        with open(self.file + ".new", "w", encoding="utf-8") as file:
            file.write(f"{self.offset_s:+.3f}\n")
        os.rename(self.file + ".new", self.file)
