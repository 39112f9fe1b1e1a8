#include "bench/contention/load.hpp"

#include <condition_variable>
#include <mutex>

#include "bench/common/process.hpp"
#include "bench/common/profiled.hpp"

namespace toll::bench {

using Clock = std::chrono::steady_clock;

/// Answered clients on their way back to the thread that drives them.
struct Load::Returned {
  void push(Client* client) {
    bool first = false;
    {
      const std::lock_guard lock(mutex);
      first = clients.empty();
      clients.push_back(client);
    }
    if (first) wake.notify_one();
  }

  void take(std::vector<Client*>& batch) {
    batch.clear();
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return !clients.empty(); });
    batch.swap(clients);
  }

  std::mutex mutex;
  std::condition_variable wake;
  std::vector<Client*> clients;
};

class Load::Client final : public actors::Asker, public std::enable_shared_from_this<Client> {
 public:
  explicit Client(Returned& returned) : returned_(returned) {}

  void answered(actors::Answer&& answer, actors::Effect) noexcept override {
    const Clock::time_point now = Clock::now();
    latency = now - ready;
    ready = now;
    const auto* session = std::get_if<actors::SessionAnswer>(&answer);
    deducted = session ? session->deducted : -1;
    returned_.push(this);
  }

  Request request;
  Clock::time_point ready;  ///< to send: when its last answer came
  Clock::duration latency{};
  std::int64_t deducted = 0;

 private:
  Returned& returned_;
};

void Load::submit(const std::shared_ptr<Client>& client) {
  client->request = work_.request(next_++);
  for (; tally_.rounds < client->request.round; ++tally_.rounds) clinic_.next_round();
  clinic_.engine().submit(actors::DeductUnits{session_id(client->request.session), "bench"}, client,
                          std::nullopt);
}

void Load::take(Client& client, RunFigures& figures) {
  ++figures.attempts;
  figures.latency.add(std::chrono::nanoseconds(client.latency).count());
  if (client.deducted < 0) {
    ++tally_.refused;
    return;
  }
  figures.ahead += client.deducted > 1;
  figures.units += client.deducted;
  tally_.units_of_session[client.request.session] += static_cast<std::uint32_t>(client.deducted);
}

/// `over` says whether the next request is not to be sent any more.
template <class Over>
void Load::drive(std::size_t clients, RunFigures& figures, Over over) {
  Returned returned;
  std::vector<std::shared_ptr<Client>> all;
  for (std::size_t i = 0; i < clients; ++i) all.push_back(std::make_shared<Client>(returned));
  std::size_t under_way = 0;
  for (; under_way < clients && !over(); ++under_way) {
    all[under_way]->ready = Clock::now();
    submit(all[under_way]);
  }
  for (std::vector<Client*> batch; under_way > 0;) {
    returned.take(batch);
    clinic_.hold_back();
    for (Client* client : batch) {
      take(*client, figures);
      over() ? void(--under_way) : submit(client->shared_from_this());
    }
  }
  tally_.units += figures.units;
  tally_.attempts += figures.attempts;
}

void Load::finish_round() {
  RunFigures figures;
  const std::uint64_t whole = work_.sessions() * static_cast<std::uint64_t>(work_.attempts());
  drive(64, figures, [&] { return next_ % whole == 0; });
}

RunFigures Load::run(std::size_t clients, std::chrono::duration<double> time) {
  RunFigures figures;
  figures.clients = clients;
  const Written& written = clinic_.written();
  const std::uint64_t groups = written.groups, bytes = written.bytes;
  const billing::Seq head = clinic_.engine().stats().last_seq;
  const Profiled profiled;
  const Usage before = usage_of();
  const double driver_before = thread_cpu_s();
  const auto began = Clock::now();
  const auto end = began + std::chrono::duration_cast<Clock::duration>(time);
  drive(clients, figures, [&] {
    return next_ % static_cast<std::uint64_t>(work_.attempts()) == 0 && Clock::now() >= end;
  });
  figures.answered_s = std::chrono::duration<double>(Clock::now() - began).count();
  figures.driver_cpu_s = thread_cpu_s() - driver_before;
  clinic_.catch_up();
  figures.caught_up_s = std::chrono::duration<double>(Clock::now() - began).count();
  const Usage after = usage_of();
  figures.cpu_s = after.cpu_s - before.cpu_s;
  figures.written_bytes = after.written_bytes - before.written_bytes;
  figures.groups = written.groups - groups;
  figures.records = clinic_.engine().stats().last_seq - head;
  figures.journal_bytes = written.bytes - bytes;
  return figures;
}

}  // namespace toll::bench
