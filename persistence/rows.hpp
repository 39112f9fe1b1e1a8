// Rows: the materialised state of every session, subscription and doctor, and the lists over them.
// A read-only view; implementations read RocksDB and so may block on the disk.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "billing/statement.hpp"
#include "persistence/kept_answer.hpp"

namespace toll::persistence {

/// One page of a list. `next` is where the following page starts, absent on the last page; it stays
/// valid, and the pages stay stable, while rows are added.
template <class Item>
struct Page {
  std::vector<Item> items;
  std::optional<std::string> next;
};

/// What a page of sessions is taken from; absent fields match everything.
struct SessionFilter {
  std::optional<std::string> patient;
  std::optional<std::string> doctor;
  std::optional<billing::Status> status;
};

class Rows {
 public:
  virtual ~Rows() = default;

  /// The sequence number up to which facts are folded into these rows.
  virtual billing::Seq applied() const = 0;

  virtual std::optional<billing::Session> session(const std::string& id) const = 0;
  virtual std::optional<billing::Subscription> subscription(const std::string& id) const = 0;
  virtual std::optional<billing::Doctor> doctor(const std::string& id) const = 0;
  virtual std::optional<billing::Withdrawal> withdrawal(const std::string& id) const = 0;

  /// The answer that is kept of a request with this key; it may have expired.
  virtual std::optional<KeptAnswer> kept_answer(const billing::RequestDigest& key) const = 0;

  /// Every row of a kind, in no promised order: for recovery and verification.
  virtual void each_live_session(const std::function<void(billing::Session&&)>& visit) const = 0;
  virtual void each_subscription(
      const std::function<void(billing::Subscription&&)>& visit) const = 0;
  virtual void each_doctor(const std::function<void(billing::Doctor&&)>& visit) const = 0;

  /// Pages. `cursor` is absent on the first page, else a `next` of the same list, of the characters
  /// A-Z a-z 0-9 . _ -; one that cannot be read gives nullopt. Sessions: oldest first. Statement:
  /// one line per unit, in order. Entries: newest first.
  virtual std::optional<Page<billing::Session>> sessions(const SessionFilter& filter,
                                                         const std::optional<std::string>& cursor,
                                                         std::size_t limit) const = 0;
  virtual std::optional<Page<billing::StatementLine>> statement(
      const std::string& session, const std::optional<std::string>& cursor,
      std::size_t limit) const = 0;
  virtual std::optional<Page<billing::WalletEntry>> entries(
      const std::string& doctor, const std::optional<std::string>& cursor,
      std::size_t limit) const = 0;

  /// Durable records after `after`, oldest first, at most `limit`. They come from the journal.
  virtual std::vector<billing::Record> events(billing::Seq after, std::size_t limit) const = 0;
};

}  // namespace toll::persistence
