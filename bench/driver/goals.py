"""The figures to reach, and what was measured for each."""

IN_PROCESS, HTTP, POSTGRES = "toll in process", "toll over HTTP", "postgres-application"
AT_BEST = ", at its best"
RATE = 20_000
OPEN_LOOP = f"{HTTP}, {RATE:,} a second whatever comes"
ONLY_64 = "toll, 64 clients only"  # what is counted for a whole directory


def ratio(a, b):
    return a / b if a and b else None


def table(samples, large):
    """Rows of figure, value, at least, aim, and whether more is better."""
    at_64 = lambda system, shape, figure="units_per_s": samples.median(system, shape, 64, figure)
    livez = lambda shape: at_64("livez", shape, "requests_per_s")
    recovery = lambda figure: samples.median("recovery", "uniform", large, figure)
    timers = samples.by_clients("timers", "real clock", "late_p99_ms")
    many = f"toll, {large} sessions"
    sessions_ratio = lambda clients, figure="units_per_s": ratio(
        samples.median(many, "uniform", clients, figure),
        samples.median("toll, 1000 sessions", "uniform", clients, figure))
    best = lambda system: next(iter(samples.best_clients(system + AT_BEST, "hot")), None)
    at_best = lambda system: samples.median(system + AT_BEST, "hot", best(system))
    written = lambda shape: samples.median(ONLY_64, shape, 0, "written_bytes_per_unit")
    alone = samples.median(IN_PROCESS, "hot", 1, "p50_us")
    fsync = samples.median(IN_PROCESS, "hot", 0, "fsync_us")
    rows = [
        ("hot subscription in process / PostgreSQL's transaction, 64 clients each",
         ratio(at_64(IN_PROCESS, "hot"), at_64(POSTGRES, "hot")), 100, 140, True),
        (f"the same, each at its own best number of clients: {best(IN_PROCESS)} and {best(POSTGRES)}",
         ratio(at_best(IN_PROCESS), at_best(POSTGRES)), 200, 500, True),
        ("deductions/s in process, hot, 4,096 in flight, rows caught up",
         samples.median(IN_PROCESS, "hot", 4096, "units_per_s_rows"), 250_000, 1_000_000, True),
        ("deductions/s in process, uniform, 4,096 in flight, rows caught up",
         samples.median(IN_PROCESS, "uniform", 4096, "units_per_s_rows"), 250_000, 1_000_000, True),
        ("hot / uniform, in process, 64 clients",
         ratio(at_64(IN_PROCESS, "hot"), at_64(IN_PROCESS, "uniform")), 0.8, 0.95, True),
        ("deductions over HTTP / livez, hot, 64 connections",
         ratio(at_64(HTTP, "hot"), livez("hot")), 0.38, 0.65, True),
        ("deductions over HTTP / livez, uniform, 64 connections",
         ratio(at_64(HTTP, "uniform"), livez("uniform")), 0.38, 0.65, True),
        ("over HTTP / PostgreSQL's transaction, hot row",
         ratio(at_64(HTTP, "hot"), at_64(POSTGRES, "hot")), 40, 65, True),
        ("over HTTP / PostgreSQL's transaction, uniform",
         ratio(at_64(HTTP, "uniform"), at_64(POSTGRES, "uniform")), 6, 11, True),
        ("over HTTP / Redis Lua, hot",
         ratio(at_64(HTTP, "hot"), at_64("redis", "hot")), 1.1, 2, True),
        (f"{large:,} / 1,000 live sessions, throughput, 64 clients", sessions_ratio(64), 0.7, 0.9, True),
        (f"{large:,} / 1,000 live sessions, until the rows have caught up, 64 clients",
         sessions_ratio(64, "units_per_s_rows"), 0.7, 0.9, True),
        (f"{large:,} / 1,000 live sessions, throughput, 1,024 clients", sessions_ratio(1024), 0.7, 0.9,
         True),
        (f"bytes of memory per live session, {large:,} of them",
         samples.median(many, "uniform", 0, "rss_bytes_per_session"), 4096, 2048, False),
        (f"catch-up of {large:,} overdue intervals, a second",
         recovery("catch_up_per_s"), 200_000, 500_000, True),
        (f"restart to ready after kill -9 at {large:,} live sessions, s", recovery("restart_s"), 20, 5,
         False),
        ("timer lateness p99 under load over HTTP, ms", next(iter(timers.values()), None), 50, 5,
         False),
        ("one request alone, p50 / one fsync", ratio(alone, fsync), 2.5, 1.5, False),
        ("the same over HTTP", ratio(samples.median(HTTP, "hot", 1, "p50_us"), fsync), 2.5, 1.5, False),
        ("bytes written per deduction, hot, 64 clients, to the end of compaction", written("hot"), 800,
         250, False),
        ("bytes written per deduction, uniform, 64 clients, to the end of compaction",
         written("uniform"), 800, 250, False),
        (f"bytes written per deduction, {large:,} live sessions, to the end of compaction",
         samples.median(many, "uniform", 0, "written_bytes_per_unit"), 800, 250, False),
    ]
    return [{"figure": figure, "measured": value, "at_least": least, "aim": aim,
             "state": state(value, least, aim, more)} for figure, value, least, aim, more in rows]


def state(value, least, aim, more_is_better):
    if value is None:
        return "not measured"
    reached = (lambda goal: value >= goal) if more_is_better else (lambda goal: value <= goal)
    return "aim" if reached(aim) else "reached" if reached(least) else "short"
