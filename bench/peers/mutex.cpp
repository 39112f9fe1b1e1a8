// The least that could be called durable: everything in memory behind one mutex, one line of a file
// and one fdatasync for each deduction.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "bench/peers/peer.hpp"

namespace toll::bench {

namespace {

class Mutex final : public Peer {
 public:
  Mutex(const std::string& where, const Work& work)
      : log_(where + "/log"),
        file_(open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)),
        work_(work) {
    if (file_ < 0) throw std::runtime_error("cannot write in " + where);
  }
  ~Mutex() override { close(file_); }

  void fill(const Work& work) override {
    processed_.assign(work.sessions(), 0);
    balance_.assign(work.sessions(), 0);
    taken_.assign(work.subscriptions(), 0);
    if (ftruncate(file_, 0) != 0) throw std::runtime_error(log_ + " cannot be emptied");
  }

  std::unique_ptr<Link> connect() override { return std::make_unique<Client>(*this); }

  PeerBooks books() override {
    std::ifstream log(log_);
    PeerBooks books;
    books.entries = std::count(std::istreambuf_iterator<char>(log), {}, '\n');
    for (const std::int64_t units : taken_) books.taken += units;
    for (const std::int64_t units : processed_) books.used += units;
    for (const std::int64_t money : balance_) books.paid += money;
    return books;
  }

 private:
  class Client final : public Link {
   public:
    explicit Client(Mutex& peer) : peer_(peer) {}
    int deduct(const Request& request) override { return peer_.deduct(request); }

   private:
    Mutex& peer_;
  };

  int deduct(const Request& request) {
    const std::lock_guard lock(mutex_);
    if (processed_[request.session] >= request.round) return 0;
    const std::size_t subscription = work_.subscription_of(request.session);
    const std::string line = std::to_string(request.session) + ' ' +
                             std::to_string(processed_[request.session] + 1) + ' ' +
                             std::to_string(subscription) + ' ' + std::to_string(unit_pay) + '\n';
    if (write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
        fdatasync(file_) != 0) {
      throw std::runtime_error("the log cannot be written");
    }
    ++processed_[request.session];
    ++taken_[subscription];
    balance_[request.session] += unit_pay;
    return 1;
  }

  const std::string log_;
  const int file_;
  const Work& work_;
  std::mutex mutex_;  ///< everything below
  std::vector<std::int64_t> processed_, taken_, balance_;
};

}  // namespace

std::unique_ptr<Peer> mutex(const std::string& where, const Work& work) {
  return std::make_unique<Mutex>(where, work);
}

}  // namespace toll::bench
