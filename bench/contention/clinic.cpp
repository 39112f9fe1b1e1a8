#include "bench/contention/clinic.hpp"

#include <functional>
#include <future>
#include <semaphore>
#include <stdexcept>
#include <thread>

namespace toll::bench {

namespace {

using actors::Answer;

constexpr billing::Instant start_of_time = 1'767'225'600'000;  // 2026-01-01
constexpr std::int64_t most_under_way = 2048;
constexpr billing::Seq most_records_behind = 2'000'000;
constexpr billing::Units plenty{0, billing::max_units, 0};

/// Counts the answers to many commands and lets the sender wait for all of them.
class Gathered final : public actors::Asker {
 public:
  void answered(Answer&& answer, actors::Effect) noexcept override {
    if (std::holds_alternative<actors::Unavailable>(answer) ||
        std::holds_alternative<billing::Refusal>(answer)) {
      ++refused_;
    }
    room_.release();
  }

  void before_sending() { room_.acquire(); }

  void wait() {
    for (std::int64_t i = 0; i < most_under_way; ++i) room_.acquire();
    room_.release(most_under_way);
    if (refused_ != 0) throw std::runtime_error("the engine refused a command of the preparation");
  }

 private:
  std::counting_semaphore<most_under_way> room_{most_under_way};
  std::atomic<std::int64_t> refused_{0};
};

void send_all(actors::Engine& engine, std::size_t count,
              const std::function<actors::Command(std::size_t)>& command) {
  const auto answers = std::make_shared<Gathered>();
  for (std::size_t i = 0; i < count; ++i) {
    answers->before_sending();
    engine.submit(command(i), answers, std::nullopt);
  }
  answers->wait();
}

actors::PutSubscription grant(const std::vector<std::size_t>& members, std::size_t number) {
  actors::PutSubscription command;
  command.id = id('s', number);
  command.patient = id('p', members.front());
  for (std::size_t i = 1; i < members.size(); ++i) command.members.push_back(id('p', members[i]));
  command.units = plenty;
  command.ends_at = start_of_time * 10;
  command.fingerprint = command.id;
  return command;
}

}  // namespace

std::string session_id(std::size_t number) { return id('c', number); }
std::size_t number_of(const std::string& id) { return std::stoul(id.substr(1)); }

Clinic::Clinic(const std::filesystem::path& directory, std::size_t threads,
               std::int64_t intervals_since_start) {
  actors::EngineOptions options;
  options.storage.directory = directory.string();
  options.storage.on_group = [this](const persistence::GroupWritten& group) {
    written_.groups += 1;
    written_.bytes += group.bytes;
  };
  options.storage.on_broken_disk = [](const std::string& what) {
    throw std::runtime_error("broken disk: " + what);
  };
  options.worker_threads = threads;
  options.test_clock = start_of_time + intervals_since_start * interval_ms;
  engine_ = actors::Engine::start(std::move(options));
}

void Clinic::fill(const Work& work) {
  auto members = work.members();
  std::erase_if(members, [](const auto& people) { return people.empty(); });
  send_all(*engine_, members.size(), [&](std::size_t i) { return grant(members[i], i); });
  send_all(*engine_, work.sessions(), [](std::size_t i) {
    actors::StartSession command;
    command.id = session_id(i);
    command.channel = billing::Channel::voice;
    command.patient = id('p', i);
    command.doctor = id('d', i);
    return command;
  });
  send_all(*engine_, work.sessions(),
           [](std::size_t i) { return actors::ActivateSession{session_id(i)}; });
}

void Clinic::next_round() {
  const billing::Instant target = engine_->now() + interval_ms;
  engine_->submit(actors::AdvanceClock{interval_ms, false}, std::make_shared<Gathered>(),
                  std::nullopt);
  while (engine_->now() < target) std::this_thread::yield();
}

void Clinic::hold_back() const {
  const auto behind = [this] {
    const actors::EngineStats stats = engine_->stats();
    return stats.last_seq - stats.applied_seq;
  };
  while (behind() > most_records_behind) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void Clinic::catch_up() {
  std::promise<void> done;
  engine_->query("", [&done](const persistence::Rows&) { done.set_value(); });
  done.get_future().wait();
}

}  // namespace toll::bench
