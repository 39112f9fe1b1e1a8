#include "actors/core.hpp"

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
      outages_(storage.journal(), known_outages(storage.recovered(), options_.max_outage_ms)),
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
}

void Core::stop() {
  caf::anon_send_exit(context_.keys, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(context_.timer, caf::exit_reason::user_shutdown);
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

  context_.timer = system_.spawn(timer_actor, &context_, options_.hooks, options_.test_clock);
  context_.keys = system_.spawn(keys_actor, &context_);
  context_.directory->restore();
  catch_up();
}

void Core::catch_up() {
  const auto done = [this](std::optional<Instant> next_due) {
    // What became due meanwhile belongs to the outage too.
    const Instant now = options_.now();
    if (next_due && *next_due <= now) {
      catch_up();
      return false;
    }
    outages_.end(now);
    ready_();
    return true;
  };
  caf::anon_send(context_.timer, Recover{options_.now(), done});
}

bool Core::has_capacity() const {
  const persistence::Journal& journal = storage_.journal();
  const Limits& limits = options_.limits;
  return counters_.asks_at_door < limits.asks_at_door &&
         journal.last() - journal.applied() < limits.records_behind && !is_stalled();
}

bool Core::is_stalled() const {
  return storage_.journal().waiting_bytes() >= options_.limits.bytes_waiting;
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
