#include "bench/recovery/lateness.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <thread>

#include "actors/engine.hpp"
#include "bench/common/books.hpp"

namespace toll::bench {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

actors::PutSubscription grant(const std::string& subscription, const std::string& patient,
                              billing::Instant now) {
  actors::PutSubscription command;
  command.id = command.fingerprint = subscription;
  command.patient = patient;
  command.units = {0, 1'000'000, 0};
  command.ends_at = now * 2;
  return command;
}

actors::StartSession start(const std::string& session, const std::string& patient,
                           const std::string& doctor) {
  actors::StartSession command;
  command.id = session;
  command.channel = billing::Channel::voice;
  command.patient = patient;
  command.doctor = doctor;
  return command;
}

/// Waits for one answer at a time.
class OneAtATime final : public actors::Asker {
 public:
  void answered(actors::Answer&& answer) noexcept override {
    good_ = !std::holds_alternative<actors::Unavailable>(answer) &&
            !std::holds_alternative<billing::Refusal>(answer);
    done_.release();
  }
  void wait() {
    done_.acquire();
    if (!good_) throw std::runtime_error("the engine refused a command");
  }

 private:
  std::binary_semaphore done_{0};
  bool good_ = false;
};

/// A client that starts, answers and hangs up one call after another.
class Caller final : public actors::Asker, public std::enable_shared_from_this<Caller> {
 public:
  Caller(actors::Engine& engine, std::size_t number, std::atomic<bool>& stop)
      : engine_(engine), number_(number), stop_(stop) {}

  void answered(actors::Answer&&) noexcept override {
    ++answers;
    stop_ ? finished.release() : go_on();
  }

  void go_on() {
    const std::string session = id('x', number_) + '.' + std::to_string(answers / 3);
    const auto step = answers % 3;
    actors::Command command = actors::EndSession{session, billing::Party::patient, {}};
    if (step == 0) command = start(session, id('y', number_), id('z', number_));
    if (step == 1) command = actors::ActivateSession{session};
    engine_.submit(std::move(command), shared_from_this(), std::nullopt);
  }

  std::int64_t answers = 0;
  std::binary_semaphore finished{0};

 private:
  actors::Engine& engine_;
  const std::size_t number_;
  std::atomic<bool>& stop_;
};

/// What the engine's hook hears, from whatever thread.
struct Fired {
  std::mutex mutex;
  Histogram lateness;
};

std::int64_t units_of_watched(actors::Engine& engine) {
  std::promise<std::int64_t> units;
  engine.query([&](const persistence::Rows& rows) {
    std::int64_t sum = 0;
    rows.each_live_session([&](billing::Session&& session) {
      if (session.id.starts_with('c')) sum += session.units_used;
    });
    units.set_value(sum);
  });
  return units.get_future().get();
}

}  // namespace

Lateness watch_timers(const std::filesystem::path& directory, std::size_t sessions,
                      std::int64_t interval_s, std::size_t clients) {
  Fired fired;
  actors::EngineOptions options;
  options.storage.directory = directory.string();
  options.storage.on_broken_disk = [](const std::string& what) { throw std::runtime_error(what); };
  options.policy = billing::Policy{};
  options.policy->interval_s = interval_s;
  options.on_timer = [&fired](billing::Instant lateness_ms) {
    const std::lock_guard lock(fired.mutex);
    fired.lateness.add(lateness_ms * 1'000'000);
  };
  const auto engine = actors::Engine::start(std::move(options));

  const auto answer = std::make_shared<OneAtATime>();
  const auto ask = [&](actors::Command command) {
    engine->submit(std::move(command), answer, std::nullopt);
    answer->wait();
  };
  for (std::size_t i = 0; i < sessions; ++i) ask(grant(id('s', i), id('p', i), engine->now()));
  for (std::size_t i = 0; i < clients; ++i) ask(grant(id('w', i), id('y', i), engine->now()));

  const auto began = Clock::now();
  const std::chrono::seconds interval(interval_s);
  for (std::size_t i = 0; i < sessions; ++i) {
    std::this_thread::sleep_until(began + i * interval / sessions);
    ask(start(id('c', i), id('p', i), id('d', i)));
    ask(actors::ActivateSession{id('c', i)});
  }
  std::atomic<bool> stop{false};
  std::vector<std::shared_ptr<Caller>> callers;
  for (std::size_t i = 0; i < clients; ++i) {
    callers.push_back(std::make_shared<Caller>(*engine, i, stop));
    callers.back()->go_on();
  }
  const auto watched = Clock::now();
  std::this_thread::sleep_until(began + 2 * interval);
  stop = true;
  std::int64_t answers = 0;
  for (const auto& caller : callers) {
    caller->finished.acquire();
    answers += caller->answers;
  }
  const std::chrono::duration<double> took = Clock::now() - watched;
  Lateness lateness;
  lateness.expected = static_cast<std::int64_t>(sessions);
  lateness.load_per_s = static_cast<double>(answers) / took.count();
  engine->shut_down();
  lateness.charged = units_of_watched(*engine);
  const std::lock_guard lock(fired.mutex);
  lateness.timers = fired.lateness;
  return lateness;
}

}  // namespace toll::bench
