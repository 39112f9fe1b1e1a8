// The fold of the journal for a comparison with the rows and with the books, in memory that does
// not grow with what is over: an entity is compared when nothing follows that changes it, and
// dropped. Where there are no rows yet it can make them instead.
#pragma once

#include "billing/invariants.hpp"
#include "persistence/history_index.hpp"
#include "persistence/row_runs.hpp"
#include "persistence/row_scan.hpp"
#include "persistence/rows_by_id.hpp"
#include "persistence/verified_rows.hpp"

namespace toll::persistence {

/// The parts of all ids that a pass over the journal looks at.
struct Parts {
  std::size_t begin = 0;
  std::size_t end = RowHash::parts;
  bool contain(std::size_t part) const { return begin <= part && part < end; }
  bool all() const { return begin == 0 && end == RowHash::parts; }
};

/// Where a pass begins that does not begin with the first record.
struct Beginning {
  const VerifiedRows& rows;
  const RowScan scan;  ///< at the instant of those that are compared
};

class StreamedFold {
 public:
  /// `rows` null: there are none. `beginning` null: the first record. `made`, if not null, gets the
  /// rows, of which `rows` says then only at which record and instant they will be. References
  /// outlive it. Throws Suspicion.
  StreamedFold(const RowHash& hash, const HistoryIndex& index, const RowScan* rows,
               const Beginning* beginning, Parts parts, RowRuns* made = nullptr);

  /// The next record; the books must have found it right.
  void add(const billing::Record& record);

  /// Compares what the record was the last one of with its books, which are in `closed`, and drops
  /// it. Throws Suspicion.
  void close(const billing::Record& record, const billing::Books& closed);

  /// After each group: where the rows are, everything that is here counts as they must show it.
  void end_of_group(billing::Seq last, const Digest& digest);

  /// What is left, against the books that are left. Throws Suspicion.
  void finish(const billing::Books& books);

  std::size_t entities() const {
    return sessions_.size() + subscriptions_.size() + doctors_.size() + withdrawals_.size();
  }
  /// Of the rows that must be there, for the parts that it looks at.
  void add_sums(RowSums& sums) const;

  /// Ids that were made, which are kept to find those that were made twice: 8 bytes each.
  std::size_t ids() const { return ids_.size(); }

 private:
  friend class StreamedWorld;
  struct Closing;
  struct Opening;

  static constexpr std::uint64_t once = 1, one_less = ~std::uint64_t{0};

  void begin();
  /// Counts the rows that it must have, `times` times, and makes them.
  void count(Row<billing::Session>& session, std::uint64_t times = once);
  void count(Row<billing::Subscription>& subscription, std::uint64_t times = once);
  void count(Row<billing::Doctor>& doctor, std::uint64_t times = once);
  void count(Row<billing::Withdrawal>& withdrawal, std::uint64_t times = once);
  void count_all();
  template <class Entity>
  void count(char letter, const Row<Entity>& row, std::uint64_t times);
  void make(const std::string& key, std::string_view value) const {
    if (made_) made_->put(key, value);
  }
  template <class Entity>
  void place(char list, Row<Entity>& row, billing::Seq seq) const;
  template <class Entity>
  void make_posting(char list, Row<Entity>& row) const;
  void kept(const KeptAnswer& answer);
  [[noreturn]] void suspect(std::string_view id) const;

  const RowHash& hash_;
  const HistoryIndex& index_;
  const RowScan* const rows_;
  const Beginning* const beginning_;
  const Parts parts_;
  RowRuns* const made_;    ///< null: rows are compared
  bool counting_ = false;  ///< what happens is in the rows
  Mark mark_;
  RowSums sums_{};
  boost::unordered_flat_map<std::uint64_t, bool> expired_;  ///< those in the rows: seen and equal
  std::map<std::uint32_t, billing::Policy> policies_;
  RowsById<billing::Session> sessions_;
  RowsById<billing::Subscription> subscriptions_;
  RowsById<billing::Doctor> doctors_;
  RowsById<billing::Withdrawal> withdrawals_;
  std::vector<std::uint64_t> ids_;
  std::string value_;  ///< memory that is used again
};

}  // namespace toll::persistence
