// Rows as they were when the view was made, so that the reads of one query see one state; or as
// they are at each read.
#pragma once

#include "persistence/database.hpp"
#include "persistence/journal.hpp"
#include "persistence/journal_store.hpp"
#include "persistence/rows.hpp"

namespace toll::persistence {

enum class View { frozen, live };

class RowsView final : public Rows {
 public:
  /// Records come from `store`, up to what `journal` calls durable. References outlive the view.
  RowsView(Database& database, const JournalStore& store, const Journal& journal, View view);
  ~RowsView() override;
  RowsView(const RowsView&) = delete;
  RowsView& operator=(const RowsView&) = delete;

  billing::Seq applied() const override;
  std::optional<billing::Session> session(const std::string& id) const override;
  std::optional<billing::Subscription> subscription(const std::string& id) const override;
  std::optional<billing::Doctor> doctor(const std::string& id) const override;
  std::optional<billing::Withdrawal> withdrawal(const std::string& id) const override;
  std::optional<KeptAnswer> kept_answer(const billing::RequestDigest& key) const override;
  void each_live_session(const std::function<void(billing::Session&&)>& visit) const override;
  void each_subscription(const std::function<void(billing::Subscription&&)>& visit) const override;
  void each_doctor(const std::function<void(billing::Doctor&&)>& visit) const override;
  std::optional<Page<billing::Session>> sessions(const SessionFilter& filter,
                                                 const std::optional<std::string>& cursor,
                                                 std::size_t limit) const override;
  std::optional<Page<billing::StatementLine>> statement(const std::string& session,
                                                        const std::optional<std::string>& cursor,
                                                        std::size_t limit) const override;
  std::optional<Page<billing::WalletEntry>> entries(const std::string& doctor,
                                                    const std::optional<std::string>& cursor,
                                                    std::size_t limit) const override;
  std::vector<billing::Record> events(billing::Seq after, std::size_t limit) const override;

  /// Every recorded policy, oldest first.
  void each_policy(const std::function<void(billing::Policy&&)>& visit) const;

 private:
  template <class Value>
  std::optional<Value> find(char letter, const std::string& id) const;
  template <class Entity>
  std::optional<Entity> entity(char letter, const std::string& id) const;

  /// Rows with `prefix` and a place in it from `from` on, oldest first, until `visit` returns
  /// false.
  void each_from(const std::string& prefix, billing::Seq from,
                 const std::function<bool(billing::Seq, std::string_view)>& visit) const;
  /// Rows with `prefix` before the place `before`, newest first.
  void each_before(const std::string& prefix, billing::Seq before,
                   const std::function<bool(billing::Seq, std::string_view)>& visit) const;
  template <class Value>
  void each_row(char letter, const std::function<void(Value&&)>& visit) const;
  /// The places that are in the row of a session or doctor; none if there is no such row.
  std::vector<billing::Seq> newest_places(char letter, const std::string& owner) const;

  Database& database_;
  const JournalStore& store_;
  const Journal& journal_;
  rocksdb::ReadOptions options_;
};

}  // namespace toll::persistence
