#include "http/seats.hpp"

#include <algorithm>

#include "billing/assert.hpp"
#include "http/peer.hpp"

namespace toll::http {

namespace {

constexpr std::size_t index(Seats::Kind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

std::size_t SeatLimits::of(const Account& account) const {
  return is_person(account.role) ? of_person : std::max<std::size_t>(1, places / shares);
}

Seats::Entries& Seats::line_of(const Entry& entry) {
  if (entry.known || entry.kind == Kind::leaving) return others_;
  return strangers_[index(entry.kind)];
}

/// Loopback is this machine, and a proxy is many clients.
std::optional<AddressKey> Seats::counted(const boost::asio::ip::address& address) const {
  if (unmapped(address).is_loopback()) return std::nullopt;
  const auto& trusted = limits_.trusted;
  if (std::any_of(trusted.begin(), trusted.end(),
                  [&](const Network& network) { return network.contains(address); })) {
    return std::nullopt;
  }
  return key_of(address);
}

bool Seats::make_room(Kind kind) {
  Entries& silent = strangers_[index(kind)];
  if (silent.empty()) return false;
  metrics_.limit_reached(Limit::strangers);
  const std::size_t before = silent.size();
  silent.front().peer->close();
  TOLL_ASSERT(silent.size() == before - 1);
  return true;
}

std::optional<Seats::Seat> Seats::take(const boost::asio::ip::address& address, Peer& peer) {
  auto key = counted(address);
  Kind kind = Kind::place;
  Limit why = Limit::connections;
  if (key && by_address_.contains(*key) && by_address_[*key] >= limits_.of_address) {
    why = Limit::connections_of_address;
    kind = Kind::leaving;
  } else if (taken_[index(Kind::place)] >= limits_.places && !make_room(Kind::place)) {
    kind = Kind::spare;
    if (taken_[index(Kind::spare)] >= SeatLimits::spare && !make_room(Kind::spare)) {
      kind = Kind::leaving;
    }
  }
  if (kind == Kind::leaving) {
    metrics_.limit_reached(why);
    if (taken_[index(kind)] >= SeatLimits::leaving) return std::nullopt;
    key.reset();
  }
  if (key) ++by_address_[*key];
  ++taken_[index(kind)];
  Entry entry{&peer, kind, why, key};
  Entries& line = line_of(entry);
  return Seat(*this, line.insert(line.end(), std::move(entry)));
}

void Seats::move(Entries::iterator entry, Kind kind, bool known) {
  Entries& from = line_of(*entry);
  --taken_[index(entry->kind)];
  ++taken_[index(kind)];
  entry->kind = kind;
  entry->known = known;
  Entries& to = line_of(*entry);
  to.splice(to.end(), from, entry);
}

void Seats::leave_address(Entry& entry) {
  if (!entry.address) return;
  const auto found = by_address_.find(*entry.address);
  if (--found->second == 0) by_address_.erase(found);
  entry.address.reset();
}

void Seats::leave_account(Entry& entry) {
  if (entry.account) --entry.account->connections;
  entry.account = nullptr;
}

void Seats::remove(Entries::iterator entry) {
  leave_address(*entry);
  leave_account(*entry);
  --taken_[index(entry->kind)];
  line_of(*entry).erase(entry);
}

void Seats::Seat::moved() {
  if (!seats_ || entry_->known || entry_->kind == Kind::leaving) return;
  Entries& line = seats_->line_of(*entry_);
  line.splice(line.end(), line, entry_);
}

bool Seats::Seat::show(const access::PrincipalPtr& principal) {
  Entry& entry = *entry_;
  if (entry.known && entry.principal == principal) return true;
  AccountPtr account = seats_->accounts_.of(principal);
  if (account != entry.account) {
    if (account->connections >= seats_->limits_.of(*account)) {
      seats_->metrics_.limit_reached(Limit::connections_of_principal, account->role);
      return false;
    }
    leave_account(entry);
    ++account->connections;
    entry.account = std::move(account);
  }
  entry.principal = principal;
  if (!entry.known) seats_->move(entry_, entry.kind, true);
  return true;
}

bool Seats::Seat::settle() {
  const bool room = seats_->taken_[index(Kind::place)] < seats_->limits_.places;
  if (room) {
    seats_->move(entry_, Kind::place, entry_->known);
  } else if (seats_->taken_[index(Kind::leaving)] < SeatLimits::leaving) {
    seats_->move(entry_, Kind::leaving, entry_->known);
  }
  return room;
}

void Seats::Seat::give_back() {
  if (Seats* const seats = std::exchange(seats_, nullptr)) seats->remove(entry_);
}

}  // namespace toll::http
