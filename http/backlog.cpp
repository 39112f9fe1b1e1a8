#include "http/backlog.hpp"

#include <utility>

#include "billing/assert.hpp"
#include "http/list.hpp"

namespace toll::http {

namespace {

/// Lists are made on another thread, some before the io thread can make room for them.
constexpr std::size_t kept_for_lists = 8u << 20;

}  // namespace

std::optional<Limit> Backlog::refuse_list(const AccountPtr& account) {
  std::optional<Limit> limit;
  if (account && account->waiting_bytes + most_page > most_of_principal) {
    limit = Limit::answers_of_principal;
  } else if (bytes_ + most_page > most) {
    limit = limit_;
  }
  if (limit) metrics_.limit_reached(*limit, role_of(account));
  return limit;
}

void Backlog::wait(Waiting& client, const Share& share) {
  client.unlink();
  if (share.bytes() > few_) line_.push_back(client);
  while (bytes_ > most - kept_for_lists && !line_.empty() && &line_.front() != &client) {
    metrics_.limit_reached(limit_);
    Waiting& longest = line_.front();
    longest.close();
    TOLL_ASSERT(!longest.is_linked());
  }
}

Backlog::Share::Share(Backlog& backlog, AccountPtr account, std::size_t bytes)
    : backlog_(&backlog), account_(std::move(account)), bytes_(bytes) {
  backlog_->bytes_ += bytes_;
  if (account_) account_->waiting_bytes += bytes_;
}

Backlog::Share& Backlog::Share::operator=(Share&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  backlog_ = std::exchange(other.backlog_, nullptr);
  account_ = std::move(other.account_);
  bytes_ = other.bytes_;
  return *this;
}

void Backlog::Share::give_back() {
  Backlog* const backlog = std::exchange(backlog_, nullptr);
  if (!backlog) return;
  backlog->bytes_ -= bytes_;
  if (account_) account_->waiting_bytes -= bytes_;
  account_ = nullptr;
}

}  // namespace toll::http
