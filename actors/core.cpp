#include "actors/core.hpp"

#include <utility>

#include "actors/directory.hpp"
#include "actors/keys.hpp"

namespace toll::actors {

using namespace billing;

namespace {

Outages known_outages(const persistence::Recovered& recovered, Instant max_ms) {
  Outages outages = recovered.outages;
  outages.max_ms = max_ms;
  return outages;
}

}  // namespace

Core::Core(caf::actor_system_config& config, persistence::Storage& storage, CoreOptions options)
    : storage_(storage),
      options_(std::move(options)),
      policies_(storage.recovered().policies),
      outages_(storage.journal(), known_outages(storage.recovered(), options_.max_outage_ms),
               options_.limits.longest_refusal_ms),
      system_(config) {
  context_.storage = &storage_;
  context_.journal = &storage_.journal();
  context_.policies = policies_.get();
  context_.counters = &counters_;
  context_.outages = &outages_;
  context_.limits = options_.limits;
  context_.directory = std::make_shared<Directory>(system_, context_);
}

Core::~Core() {
  stop();
  system_.await_all_actors_done();
  context_.keys = nullptr;
  context_.timer = nullptr;
  context_.test_clock = nullptr;
}

void Core::stop() {
  caf::anon_send_exit(context_.keys, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(context_.timer, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(context_.test_clock, caf::exit_reason::user_shutdown);
  context_.directory->stop();
}

void Core::record_policy(const std::optional<Policy>& wanted) {
  const bool first = policies_->current_version() == 0;
  const Policy policy = wanted.value_or(first ? Policy{} : policies_->current());
  if (!first && policy == policies_->current()) return;
  policies_->add(policy);
  context_.journal->append(options_.now(), PolicyRecorded{policies_->current_version(), policy});
}

/// A crash while it recovered did not end the outage that it recovered from.
void Core::begin_outage() {
  const Instant now = options_.now();
  if (const auto since = storage_.recovered().sign_of_life) outages_.begin(*since, now);
  if (options_.accepted_outage) outages_.judge(*options_.accepted_outage, now);
}

void Core::recover(std::function<void()> ready) {
  ready_ = std::move(ready);
  begin_outage();
  record_policy(options_.policy);

  options_.hooks.may_fire = [this] { return may_fire(); };
  context_.timer = system_.spawn(timer_actor, &context_, options_.hooks);
  if (options_.test_clock) {
    context_.test_clock = system_.spawn(test_clock_actor, &context_, *options_.test_clock);
  }
  context_.keys = system_.spawn(keys_actor, &context_);
  context_.directory->restore();
  catch_up();
}

void Core::catch_up() {
  catching_up_ = true;
  const auto done = [this](std::optional<Instant> next_due) { return caught_up(next_due); };
  caf::anon_send(context_.timer, RunUntil{options_.now(), done});
}

/// Also when changes are refused: then the outage goes on, and the server with what it may do.
bool Core::caught_up(std::optional<Instant> next_due) {
  const bool goes_on = refusal().has_value() || options_.is_stopping();
  const Instant now = options_.now();
  // What became due meanwhile belongs to the outage too.
  if (!goes_on && next_due && *next_due <= now) {
    catch_up();
    return false;
  }
  if (!goes_on) outages_.end(now);
  catching_up_ = false;
  if (const auto ready = std::exchange(ready_, nullptr)) ready();
  return !options_.test_clock;
}

bool Core::has_capacity() const {
  const persistence::Journal& journal = storage_.journal();
  const Limits& limits = options_.limits;
  return counters_.asks_at_door < limits.asks_at_door &&
         journal.last() - journal.applied() < limits.records_behind &&
         journal.waiting_bytes() < limits.bytes_waiting;
}

std::optional<Degraded> Core::refusal() {
  const persistence::Journal& journal = storage_.journal();
  const Limits& limits = options_.limits;
  std::optional<Degraded> why;
  if (!storage_.has_room()) {
    why = Degraded::disk_full;
  } else if (journal.waiting_bytes() >= limits.bytes_waiting ||
             journal.writing_ms() >= limits.longest_write_ms) {
    why = Degraded::journal_stalled;
  } else if (callers_refused_) {
    why = Degraded::tokens_unreadable;
  }
  if (why) {
    outages_.refused(*why, options_.now(), options_.steady_ms());
  } else if (outages_.refuses()) {
    outages_.not_refused(options_.now(), options_.steady_ms());
  }
  return why;
}

std::optional<Degraded> Core::refuses_changes() {
  const auto why = refusal();
  if (why == Degraded::tokens_unreadable) return std::nullopt;
  if (why) return why;
  return outages_.under_way() ? std::optional(outages_.why()) : std::nullopt;
}

void Core::refuse_callers(bool refused) {
  if (callers_refused_.exchange(refused) != refused) refusal();  // notes when
}

bool Core::takes_ends() {
  const Limits& limits = options_.limits;
  return counters_.asks_at_door < limits.ends_reserve * limits.asks_at_door &&
         storage_.journal().waiting_bytes() < limits.ends_reserve * limits.bytes_waiting &&
         storage_.has_kept_room();
}

Fire Core::may_fire() {
  if (options_.is_stopping()) return Fire::nothing;
  if (!refusal()) return Fire::everything;
  return storage_.has_kept_room() ? Fire::deadlines : Fire::nothing;
}

void Core::watch() {
  if (refusal()) {
    if (storage_.has_kept_room()) outages_.look(options_.now(), options_.steady_ms());
  } else if (outages_.under_way() && !catching_up_ && !options_.is_stopping()) {
    catch_up();
  }
  storage_.keep_room();
}

void Core::submit(Command command, Instant at, std::shared_ptr<Asker> asker,
                  std::optional<Cause> cause, std::optional<Person> only_for) {
  const bool has_key = cause.has_value();
  const auto ask =
      std::make_shared<Ask>(std::move(command), at, std::move(asker), counters_.asks_at_door,
                            std::move(cause), Gate::durable, std::move(only_for));
  if (has_key) return caf::anon_send(context_.keys, Serve{ask});
  context_.directory->serve(ask);
}

}  // namespace toll::actors
