"""What came of it, as a table for people and for docs/EVIDENCE.md."""

SHOWN = 10
KINDS = ("change", "read", "list", "person", "probe", "stream")


def quantile(ordered, part):
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def times(seconds):
    if not seconds:
        return "-"
    return " / ".join(f"{1000 * quantile(seconds, part):.1f}" for part in (0.5, 0.99, 1))


def show(campaign):
    """Markdown; `campaign` is what __main__ has gathered."""
    honest = campaign.honest_said
    taken = {(kind, besieged): seconds for kind, besieged, seconds in honest.get("seconds", [])}
    print("\n| honest requests | in peace | p50 / p99 / max, ms | under siege | p50 / p99 / max, ms |\n|---|---|---|---|---|")
    for kind in KINDS:
        peace, siege = taken.get((kind, False), []), taken.get((kind, True), [])
        print(f"| {kind} | {len(peace)} | {times(peace)} | {len(siege)} | {times(siege)} |")
    print(f"| not served | {sum(it.startswith('in peace') for it in honest.get('unserved', []))} | "
          f"| {sum(it.startswith('under siege') for it in honest.get('unserved', []))} | |")
    print("\n| attacker | connections | what it got |\n|---|---|---|")
    for attack in campaign.attacks:
        got = ", ".join(f"{status}: {count}" for status, count in
                        sorted(attack.got.items(), key=lambda it: str(it[0])))
        most = f", {attack.most_open} at once" if attack.most_open else ""
        print(f"| {attack.name} | {attack.workers}{most} | {got or '-'} |")
    counted, memory = honest.get("counted", {}), campaign.server.memory
    print("\n| what | |\n|---|---|")
    for name, value in (
            ("under siege", f"{campaign.seconds:.0f} s"),
            ("server's peak memory, of 1024 MiB of address space",
             f"{memory.get('VmHWM')} MiB resident, {memory.get('VmPeak')} MiB of addresses"),
            ("pages of the greedy while an honest list waited, median, most", campaign.overtaken_text()),
            ("honest sessions, units", f"{counted.get('sessions')}, {counted.get('units')}"),
            ("records in the journal", counted.get("records")),
            ("comparisons with the clients' books", counted.get("comparisons")),
            ("discrepancies", len(campaign.problems))):
        print(f"| {name} | {value} |")
    for problem in campaign.problems[:SHOWN]:
        print("MISMATCH " + problem[:300])
    if len(campaign.problems) > SHOWN:
        print(f"and {len(campaign.problems) - SHOWN} more")
