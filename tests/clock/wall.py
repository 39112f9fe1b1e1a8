"""The wall clock as the server sees it, moved by libfaketime while the server runs; and what server time can
be by it: never back, so at most the latest that this clock ever showed."""

import glob
import os
import time

LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"


def library():
    """Where Debian's package `faketime` has it; None without the package."""
    return next(iter(glob.glob(LIBRARY)), None)


class Wall:
    """Milliseconds since 1970, as the server counts them."""

    def __init__(self, directory):
        self.file = os.path.join(directory, "wall")
        self.offset_s = 0.0
        self.latest = 0
        self.move(0)

    def environment(self):
        """For the server. Only the wall clock is moved, and the file is read each time."""
        return dict(os.environ, LD_PRELOAD=library(), FAKETIME_TIMESTAMP_FILE=self.file,
                    FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")

    def now(self):
        return int((time.time() + self.offset_s) * 1000)

    def at_most(self):
        """Server time is not beyond this."""
        self.latest = max(self.latest, self.now() + 1)
        return self.latest

    def move(self, seconds):
        self.at_most()
        self.offset_s += seconds
        with open(self.file + ".new", "w", encoding="utf-8") as file:
            file.write(f"{self.offset_s:+.3f}\n")
        os.rename(self.file + ".new", self.file)
        self.at_most()
