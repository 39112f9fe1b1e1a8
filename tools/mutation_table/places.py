"""The places at which the code is broken on purpose: what it means, where, and who has to notice."""

SIMULATION = "simulation"
SMALL = "small scope"
HISTORIES = "histories"
ACTORS = "actors"
KILLS = "kill loop"
CLOCK = "clock"
OVERLOAD = "overload"
SOAK = "soak"

PROGRAMS = ("tolld", "tollctl")

# What each catcher needs built, and its command, run in the build directory.
CATCHERS = {
    SIMULATION: (("toll-sim",), ["./toll-sim", "--from", "1", "--minutes", "3"]),
    SMALL: (("simulation_test",), ["tests/simulation/simulation_test", "[small]"]),
    HISTORIES: (("toll_histories_test",), ["tests/histories/toll_histories_test", "histories are*"]),
    ACTORS: (("actors_test",), ["tests/actors/actors_test"]),
    KILLS: (PROGRAMS, ["python3", "-B", "../tools/kill_loop", "--tolld", "./tolld", "--tollctl", "./tollctl",
                       "--kills", "30", "--seed", "1"]),
    CLOCK: (PROGRAMS, ["python3", "-B", "../tests/clock/clock.py", "./tolld", "./tollctl", "--seed", "31"]),
    OVERLOAD: ((*PROGRAMS, "bench_http"), ["bench/bench_http", "--overload", "1", "--connections", "256",
                                           "--server-option=--max-requests=64", "--few", "48", "--verify"]),
    SOAK: ((*PROGRAMS, "bench_http"), ["bench/bench_http", "--soak", "3", "--restart-every", "1", "--connections", "64",
                                       "--verify"]),
}

# (what, file, text, text instead, who has to notice)
PLACES = (
    ("gate removed: answers before the sync", "actors/ask.cpp",
     "journal.when_durable(journal.last(), shared_from_this());",
     "deliver(std::move(answer_));", [SIMULATION, KILLS]),
    ("sync of the journal skipped", "persistence/rocks_journal_store.cpp",
     "options.sync = true;", "options.sync = false;", [SIMULATION]),
    ("groups not in the write-ahead log", "persistence/rocks_journal_store.cpp",
     "options.sync = true;", "options.disableWAL = true;", [KILLS]),
    ("processed count (the mark of the rows) written before the rows", "persistence/materialiser.cpp",
     "  rocksdb::WriteBatch batch;\n  write_rows",
     "  database_.rows().Put({}, keys::row(format::mark_row), encode(mark_));\n"
     "  rocksdb::WriteBatch batch;\n  write_rows",
     [SIMULATION]),
    ("manual unit paid twice", "billing/decide_session.cpp",
     "  if (moment.session.status == Status::waiting) {\n    fact.end_reason = EndReason::cancelled;\n"
     "  } else if (manual_unit_due(moment)) {\n    take_unit(fact, moment);\n",
     "  if (moment.session.status == Status::waiting) {\n    fact.end_reason = EndReason::cancelled;\n"
     "  } else if (manual_unit_due(moment)) {\n    take_unit(fact, moment);\n    fact.pay.amount *= 2;\n",
     [SIMULATION, SMALL]),
    ("manual unit taken again from a session that is over", "actors/session_serve.cpp",
     "const bool hung_up = state_.session->live();", "const bool hung_up = state_.session->activated_at.has_value();",
     [SIMULATION, SMALL]),
    ("timer a second early", "billing/decide_session.cpp",
     "return elapsed < 0 ? 0 : elapsed / moment.policy.interval_ms();",
     "return elapsed < 0 ? 0 : (elapsed + 1000) / moment.policy.interval_ms();", [SIMULATION]),
    ("the alarm rings 0.3 s early", "actors/clock.cpp",
     "    if (now >= *due_) {\n      due_.reset();\n      lock.unlock();\n      ring_(now);\n",
     "    if (now + 300 >= *due_) {\n      due_.reset();\n      lock.unlock();\n      ring_(now + 300);\n",
     [CLOCK]),
    ("server time follows the wall clock back", "actors/clock.cpp",
     "  if (!test_) move_to(wall_clock());\n", "  if (!test_) return wall_clock();\n", [CLOCK]),
    ("steps of the wall clock are not watched for", "actors/clock.cpp",
     "if (const Instant by_ms = steps_.look(wall, before); by_ms != 0) on_step_(by_ms);",
     "(void)steps_.look(wall, before);", [CLOCK]),
    ("the timer of a session that is over stays", "actors/session_record.cpp",
     "if (due == state.armed_for) return;", "if (!due || due == state.armed_for) return;",
     [SIMULATION, ACTORS]),
    ("a session that was woken sets no timer again", "actors/session.cpp",
     "if (wake && wake->timer == state.armed_for) state", "if (wake && !state.armed_for) state", [SIMULATION]),
    ("whoever wakes a session makes it set another timer", "actors/session.cpp",
     "if (wake && wake->timer == state.armed_for) state", "if (wake) state", [ACTORS]),
    ("a start's wake is refused for a full queue", "actors/session.cpp",
     "if (!wake && state.queue.size()", "if (state.queue.size()", [ACTORS]),
    ("refund to the subscription that paid first", "billing/decide_money.cpp",
     "{run->subscription, run->payment_ref},",
     "{session.runs.front().subscription, session.runs.front().payment_ref},", [SIMULATION]),
    ("the records of one refund to two subscriptions appended one by one", "actors/doctor.cpp",
     "  Seq seq =\n      state.context->journal->append_all(asked.at, facts, asked.cause ? &*asked.cause : nullptr);\n",
     "  Seq seq = state.context->journal->last() + 1;\n  for (const Fact& fact : facts) {\n"
     "    const bool last = &fact == &facts.back();\n"
     "    state.context->journal->append(asked.at, fact, asked.cause && last ? &*asked.cause : nullptr);\n  }\n",
     [ACTORS]),
    ("one walk along the subscriptions instead of two", "actors/session.cpp",
     "if (walk.list->empty() || operation.gains == walk.gains) return true;",
     "if (walk.list->size() <= 1000 || operation.gains == walk.gains) return true;", [ACTORS]),
    ("idempotency keys forgotten", "actors/keys.cpp",
     "KeyFound{key, rows.kept_answer(key)}", "KeyFound{key, (void(rows), std::nullopt)}", [SIMULATION]),
    ("recovery without the outage", "actors/core.cpp",
     "if (since) outage_ = Outage{*since};",
     "if (since && *since < 0) outage_ = Outage{*since};", [SIMULATION]),
    ("a restart forgets the last interval of a live session", "actors/directory_restore.cpp",
     "  void live_session(Session&& row) {\n",
     "  void live_session(Session&& row) {\n    if (row.intervals_processed > 0) row.intervals_processed -= 1;\n",
     [SMALL]),
    ("the parties of a session that is over stay busy", "actors/session_record.cpp",
     "  state.context->directory->free(session);\n", "  (void)session;\n", [SIMULATION, HISTORIES]),
    ("both of two ends say that they ended it", "actors/session_serve.cpp",
     "answer.already_ended = !operation_.was_live;", "answer.already_ended = false;", [HISTORIES]),
    ("refusals do not say when to come again", "http/problem.cpp",
     "reply.headers = \"Retry-After: 1\\r\\n\";", "reply.headers = \"\";", [OVERLOAD]),
    ("nothing is refused, however much is under way", "actors/engine.cpp",
     "core_.counters().asks_under_way < most_asks_under_way_ &&", "most_asks_under_way_ > 0 &&", [OVERLOAD]),
    ("a request in 10,000 stays under way", "actors/ask.cpp",
     "  if (under_way_.fetch_sub(1) == 1) under_way_.notify_all();",
     "  static int answered = 0;\n  if (++answered % 10'000 == 0) return;\n"
     "  if (under_way_.fetch_sub(1) == 1) under_way_.notify_all();", [SOAK]),
    ("a socket in 50 stays open", "http/connection.cpp",
     "  state_ = State::closed;\n  transport_.close();",
     "  state_ = State::closed;\n  static int closed = 0;\n  if (++closed % 50 == 0) {\n"
     "    new auto(shared_from_this());\n    return;\n  }\n  transport_.close();", [SOAK]),
    ("a session in 100 stays live", "actors/session_record.cpp",
     "state.context->counters->live_sessions -= 1;",
     "state.context->counters->live_sessions -= state.last_seq % 100 == 0 ? 0 : 1;", [SOAK]),
)
