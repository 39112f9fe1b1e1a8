#include "bench/peers/drive.hpp"

#include <poll.h>

#include <stdexcept>
#include <thread>

namespace toll::bench {

namespace {

using Clock = Course::Clock;

/// Blocks on one link, in a thread of its own.
PeerFigures play(Link& link, Course& course) {
  PeerFigures figures;
  while (const auto request = course.take()) {
    const auto began = Clock::now();
    figures.units += link.deduct(*request);
    figures.latency.add(std::chrono::nanoseconds(Clock::now() - began).count());
    ++figures.requests;
  }
  return figures;
}

void drive_threads(const std::vector<std::unique_ptr<Link>>& links, Course& course,
                   PeerFigures& totals) {
  std::mutex mutex;  // totals, failure
  std::string failure;
  {
    std::vector<std::jthread> threads;
    for (const auto& link : links) {
      threads.emplace_back([&] {
        try {
          const PeerFigures figures = play(*link, course);
          const std::lock_guard lock(mutex);
          totals.units += figures.units;
          totals.requests += figures.requests;
          totals.latency.add(figures.latency);
        } catch (const std::exception& error) {
          const std::lock_guard lock(mutex);
          failure = error.what();
        }
      });
    }
  }
  if (!failure.empty()) throw std::runtime_error(failure);
}

void drive_polling(const std::vector<PolledLink*>& links, Course& course, PeerFigures& totals) {
  std::vector<pollfd> sockets;
  std::vector<Clock::time_point> sent(links.size());
  std::size_t under_way = 0;
  const auto send = [&](std::size_t i) {
    const auto request = course.take();
    if (!request) return false;
    sent[i] = Clock::now();
    links[i]->send(*request);
    return true;
  };
  for (std::size_t i = 0; i < links.size(); ++i) {
    const bool going = send(i);
    sockets.push_back({going ? links[i]->socket() : -1, POLLIN, 0});  // -1: poll leaves it out
    under_way += going;
  }
  while (under_way > 0) {
    poll(sockets.data(), sockets.size(), -1);
    for (std::size_t i = 0; i < links.size(); ++i) {
      if (sockets[i].fd < 0 || sockets[i].revents == 0) continue;
      const auto units = links[i]->receive();
      if (!units) continue;
      totals.latency.add(std::chrono::nanoseconds(Clock::now() - sent[i]).count());
      totals.units += *units;
      ++totals.requests;
      if (send(i)) continue;
      sockets[i].fd = -1;
      --under_way;
    }
  }
}

}  // namespace

std::optional<Request> Course::take() {
  const std::lock_guard lock(mutex_);
  if (next_ % static_cast<std::uint64_t>(work_.attempts()) == 0 && Clock::now() >= end_) return {};
  return work_.request(next_++);
}

PeerFigures drive(const std::vector<std::unique_ptr<Link>>& links, Course& course, double seconds) {
  std::vector<PolledLink*> polled;
  for (const auto& link : links) {
    if (auto* one = dynamic_cast<PolledLink*>(link.get())) polled.push_back(one);
  }
  PeerFigures totals;
  const auto began = Clock::now();
  course.run_until(
      began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)));
  polled.size() == links.size() ? drive_polling(polled, course, totals)
                                : drive_threads(links, course, totals);
  totals.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return totals;
}

}  // namespace toll::bench
