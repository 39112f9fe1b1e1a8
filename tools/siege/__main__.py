"""Attackers of every kind at once on the real server, which has 1 GiB of address space: greedy readers,
lists and streams that nobody reads, idle floods, hoarders with right tokens, slow and fat bodies, wrong
tokens, texts of random bytes. Honest clients among them must be served, every time, and the books must be
right at the end. See tools/besiege."""

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "kill_loop"), os.path.join(HERE, "..", "clinic")]

import report  # noqa: E402
from campaign import Campaign  # noqa: E402
from field import Crowd  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(prog="tools/besiege", description=__doc__)
    parser.add_argument("--tolld", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tollctl", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, default=20, help="how long the attackers stay (default 20)")
    parser.add_argument("--connections", type=int, default=4096,
                        help="the server's --max-connections; all crowds go by it (default 4096)")
    parser.add_argument("--only", action="append", help="attackers whose names contain this; may be said several times")
    parser.add_argument("--seed", type=int, default=None, help="what the honest clients do; default: drawn, and printed")
    args = parser.parse_args()
    if args.minutes <= 0 or args.connections < 256:
        parser.error("--minutes must be above 0, --connections at least 256")
    if args.seed is None:
        args.seed = random.SystemRandom().randrange(1 << 31)
    return args


def main():
    args = arguments()
    crowd = Crowd(args.connections)
    if missing := crowd.need_files():
        print(missing, file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    print(f"seed {args.seed}", flush=True)
    # /var/tmp is on a disk where /tmp may be memory.
    directory = tempfile.mkdtemp(prefix="toll-siege-", dir=os.environ.get("TMPDIR", "/var/tmp"))
    campaign = Campaign(args, directory, crowd)

    async def play():
        try:
            await campaign.play()
        except (RuntimeError, TimeoutError) as error:
            campaign.problems.append(f"{type(error).__name__}: {error}")
        finally:
            await campaign.server.clean_up()

    try:
        asyncio.run(play())
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        shutil.rmtree(directory, ignore_errors=True)
        return 130
    report.show(campaign)
    if campaign.problems:
        print(f"what is left is in {directory}")
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
