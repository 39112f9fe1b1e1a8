"""The places at which the code is broken on purpose: what it means, where, and who has to notice."""

SIMULATION = "simulation"
SMALL = "small scope"
HISTORIES = "histories"
ACTORS = "actors"
KILLS = "kill loop"
CLOCK = "clock"
JOURNAL = "journal"
BACKUP = "backup"
DOOR = "door"
CORPORA = "corpora"
OVERLOAD = "overload"
JUDGED = "overload, judged"
SOAK = "soak"
LONGER = "soak, 20 s"

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
    JOURNAL: (("toll_persistence_test",),
              ["tests/persistence/toll_persistence_test",
               "every flipped bit of every file*,every flipped byte of a table*,a log torn*,a power cut*,nor does one*"]),
    BACKUP: ((*PROGRAMS, "toll_e2e_tests"), ["tests/e2e/toll_e2e_tests", "a flipped byte*,*backup*"]),
    DOOR: ((*PROGRAMS, "toll_e2e_tests"),
           ["tests/e2e/toll_e2e_tests", "*ends at two*,*byte at a time*,half a*,an answer that finds*"]),
    CORPORA: (("fuzz_request", "fuzz_body", "fuzz_record", "fuzz_token"),
              ["sh", "-ec", "for it in request body record token; do "
               "tests/fuzz/fuzz_$it ../tests/fuzz/corpus/$it; done"]),
    OVERLOAD: ((*PROGRAMS, "bench_http"), ["bench/bench_http", "--overload", "1", "--connections", "256",
                                           "--server-option=--max-requests=64", "--few", "48", "--verify"]),
    # Its bounds are times, though relative ones: nothing else should run. A slow disk, so that twice as much can arrive.
    JUDGED: ((*PROGRAMS, "bench_http", "toll_faulty_disk"),
             ["env", "TOLL_FAULT=slow:.log:10", "LD_PRELOAD=tests/e2e/libtoll_faulty_disk.so", "bench/bench_http",
              "--overload", "5", "--connections", "500", "--few", "240", "--server-option=--max-requests=256",
              "--judge"]),
    LONGER: ((*PROGRAMS, "bench_http"), ["bench/bench_http", "--soak", "20", "--restart-every", "20",
                                         "--connections", "64"]),
    SOAK: ((*PROGRAMS, "bench_http"), ["bench/bench_http", "--soak", "3", "--restart-every", "1", "--connections", "64",
                                       "--verify"]),
}

# (what, file, text, text instead, who has to notice)
PLACES = (
    ("gate removed: answers before the sync", "actors/ask.cpp",
     "journal.when_durable(journal.last(), shared_from_this());",
     "deliver(std::move(answer_));", [SIMULATION, KILLS]),
    ("sync of the journal skipped", "persistence/rocks_journal_store.cpp",
     "options.sync = true;", "options.sync = false;", [SIMULATION, JOURNAL]),
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
    ("the alarm rings 0.3 s early", "actors/alarm.cpp",
     "    if (now >= *due_) {\n      due_.reset();\n      lock.unlock();\n      ring_(now);\n",
     "    if (now + 300 >= *due_) {\n      due_.reset();\n      lock.unlock();\n      ring_(now + 300);\n",
     [CLOCK]),
    ("server time follows the wall clock back", "actors/server_time.cpp",
     "now_ = std::max(now_, shown);", "now_ = shown;", [CLOCK, SIMULATION]),
    ("server time follows a step of an hour", "actors/server_time.hpp",
     "farthest_ms = 5 * 60 * 1000;", "farthest_ms = 61 * 60 * 1000;", [CLOCK, SIMULATION]),
    ("server time that is resumed loses a second in a hundred", "billing/clock_offset.hpp",
     "offset_kept_for_ms = 1000;", "offset_kept_for_ms = 100;", [SIMULATION, ACTORS]),
    ("a start believes a clock that nobody keeps right", "actors/clock_check.cpp",
     "if (kernel.synchronised) return false;", "if (kernel.synchronised || shown > 0) return false;",
     [SIMULATION, ACTORS]),
    ("a restart forgets what an operator said about the clock", "persistence/local_storage.cpp",
     "recovered_.clock_offset = materialiser_->mark().clock_offset;", "(void)materialiser_->mark().clock_offset;",
     [SIMULATION]),
    ("steps of the wall clock are not watched for", "actors/heartbeat.cpp",
     "if (const Instant by_ms = steps_.look(clocks); by_ms != 0) on_step_(by_ms);",
     "(void)steps_.look(clocks);", [CLOCK]),
    ("a given end is rolled over", "billing/apply.cpp",
     "if (fact.oldest_live || at >= subscription.ends_at) subscription.rollover_days = 0;",
     "if (at >= subscription.ends_at) subscription.rollover_days = 0;", [SIMULATION]),
    ("earlier ends are forgotten while a session lives that needs them", "actors/directory_claims.cpp",
     "return ages.empty() ? oldest : std::min(oldest, ages.begin()->first * records_of_an_age);", "return oldest;",
     [SIMULATION]),
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
    ("nothing is refused, however much is under way", "actors/core.cpp",
     "counters_.asks_at_door < limits.asks_at_door &&", "limits.asks_at_door > 0 &&",
     [SIMULATION, OVERLOAD]),
    ("the door does not look at the rows and the disk", "actors/core.cpp",
     "journal.last() - journal.applied() < limits.records_behind &&\n"
     "         journal.waiting_bytes() < limits.bytes_waiting;",
     "journal.last() - journal.applied() < 2'000'000 && journal.waiting_bytes() < (64u << 20);", [ACTORS]),
    ("lists do not count at the door", "actors/engine.cpp",
     "lists_under_way_ < limits_.asks_at_door && ", "", [ACTORS]),
    ("who was overloaded once refuses for a minute", "actors/core.cpp",
     "  const Limits& limits = options_.limits;\n",
     "  const Limits& limits = options_.limits;\n  static std::atomic<Instant> until{0};\n"
     "  if (counters_.asks_at_door >= limits.asks_at_door) until = options_.now() + 60'000;\n"
     "  if (options_.now() < until) return false;\n", [SIMULATION, JUDGED]),
    ("a refusal keeps the door's thread for long", "http/problem.cpp",
     "reply.headers = \"Retry-After: 1\\r\\n\";",
     "reply.headers = \"Retry-After: 1\\r\\n\";\n  for (volatile int i = 0; i < 200'000; i = i + 1) {\n  }", [JUDGED]),
    ("each refusal leaks 4 KiB", "http/problem.cpp",
     "reply.headers = \"Retry-After: 1\\r\\n\";",
     "reply.headers = \"Retry-After: 1\\r\\n\";\n  auto* const leaked = new volatile char[4096];\n"
     "  for (int i = 0; i < 4096; i += 512) leaked[i] = 'x';", [JUDGED]),
    ("each answer leaks 1 KiB", "http/service.cpp",
     "  if (const auto* refusal = std::get_if<billing::Refusal>(&answer)) return refused(*refusal);",
     "  new std::string(1024, 'x');\n"
     "  if (const auto* refusal = std::get_if<billing::Refusal>(&answer)) return refused(*refusal);", [LONGER]),
    ("a length that is said twice is taken", "http/connection.cpp",
     "head.count(field::content_length) > 1", "head.count(field::content_length) > 9", [DOOR]),
    ("fields after a body become fields of its head", "http/connection.cpp",
     "if (parser_->chunked() && count_fields() != fields_) {",
     "if (parser_->chunked() && count_fields() < fields_) {", [DOOR]),
    ("a request may take for ever to arrive", "http/connection.cpp",
     "shared_.stopping ? arrival_at_stop : shared_.request_timeout", "Clock::duration::max()", [DOOR]),
    ("a key at the door is not passed on", "http/connection.cpp",
     'single(message, "Idempotency-Key")', '{}', [DOOR]),
    ("the items of a batch have the key of all", "actors/batch.cpp",
     "  cause.key[0] = static_cast<char>(cause.key[0] ^ (number & 0xff));\n",
     "  (void)number;\n", [ACTORS]),
    ("a number that no integer holds is read as one", "http/json_value.cpp",
     "if (number > INT64_MAX) return add(Kind::number);\n    ", "", [CORPORA]),
    ("checksums of tables are not compared", "persistence/table_checksums.cpp",
     "if (found == expected) return;", "if (found.size() == expected.size()) return;", [JOURNAL]),
    ("a start does not compare the journal's tables", "persistence/database.cpp",
     "  verify_tables(directory, *options.env);\n  scan_logs", "  scan_logs", [JOURNAL]),
    ("a wrong length in the log is taken for a torn end", "persistence/wal_scan.cpp",
     "if (fits_shorter(rest, checksum)) damaged", "if (fits_shorter(rest, ~checksum)) damaged", [JOURNAL]),
    ("a torn header is taken for damage", "persistence/wal_scan.cpp",
     "if (rest.size() < header_bytes) return false;", "if (rest.size() < header_bytes) damaged(\"a header\");",
     [JOURNAL]),
    ("the index of a backup is not checked", "persistence/backup_files.cpp",
     "text.substr(end) != \"end \" + std::to_string(crc32c(text.substr(0, end))) + '\\n') {",
     "text.size() < end) {", [BACKUP]),
    ("an outage begins when it is over", "actors/core.cpp",
     "if (since) outage_ = Outage{*since};", "if (since) outage_ = Outage{options_.now()};", [SIMULATION, CLOCK]),
    ("a server is ready before the outage is charged", "actors/core.cpp",
     "  context_.directory->restore();\n  catch_up();",
     "  context_.directory->restore();\n"
     "  if (outage_) context_.journal->append(options_.now(), Ready{});\n  catch_up();", [CLOCK, SIMULATION]),
    ("a request in 10,000 stays under way", "actors/ask.cpp",
     "  if (under_way_.fetch_sub(1) == 1) under_way_.notify_all();",
     "  static int answered = 0;\n  if (++answered % 10'000 == 0) return;\n"
     "  if (under_way_.fetch_sub(1) == 1) under_way_.notify_all();", [SOAK]),
    ("a socket in 50 stays open", "http/connection.cpp",
     "  state_ = State::closed;\n  transport_.close();",
     "  state_ = State::closed;\n  static int closed = 0;\n  if (++closed % 50 == 0) {\n"
     "    new auto(shared_from_this());\n    return;\n  }\n  transport_.close();", [SOAK]),
    ("an actor in 50 stays in memory", "actors/session.cpp",
     "  if (state.loaded && !state.operation) leave(state);",
     "  static std::atomic<int> idle{0};\n"
     "  if (state.loaded && !state.operation && ++idle % 50 != 0) leave(state);", [SOAK]),
    ("each connection leaves a file open", "http/connection.cpp",
     "  state_ = State::closed;\n  transport_.close();",
     "  state_ = State::closed;\n  if (::dup(2) < 0) return;\n  transport_.close();", [SOAK]),
    ("a session in 100 stays live", "actors/session_record.cpp",
     "state.context->counters->live_sessions -= 1;",
     "state.context->counters->live_sessions -= state.last_seq % 100 == 0 ? 0 : 1;", [SOAK]),
)
