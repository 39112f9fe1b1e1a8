#include "persistence/rows_view.hpp"

#include <algorithm>

#include "billing/assert.hpp"
#include "persistence/format.hpp"
#include "persistence/journal_reader.hpp"
#include "persistence/keys.hpp"

namespace toll::persistence {

namespace {

template <class Value>
Value decoded(std::string_view value) {
  Value found;
  TOLL_ASSERT(decode(value, found));  // the bytes are under RocksDB's checksum
  return found;
}

}  // namespace

RowsView::RowsView(Database& database, const JournalStore& store, const Journal& journal, View view)
    : database_(database), store_(store), journal_(journal) {
  if (view == View::frozen) options_.snapshot = database.rows().GetSnapshot();
}

RowsView::~RowsView() {
  if (options_.snapshot) database_.rows().ReleaseSnapshot(options_.snapshot);
}

template <class Value>
std::optional<Value> RowsView::find(char letter, const std::string& id) const {
  std::string value;
  if (!database_.get_row(keys::row(letter, id), value, options_)) return std::nullopt;
  return decoded<Value>(value);
}

template <class Entity>
std::optional<Entity> RowsView::entity(char letter, const std::string& id) const {
  auto row = find<Row<Entity>>(letter, id);
  if (!row) return std::nullopt;
  return std::move(row->entity);
}

billing::Seq RowsView::applied() const {
  const auto mark = find<Mark>(format::mark_row, "");
  return mark ? mark->applied : 0;
}

std::optional<billing::Session> RowsView::session(const std::string& id) const {
  return entity<billing::Session>(format::session_row, id);
}

std::optional<billing::Subscription> RowsView::subscription(const std::string& id) const {
  return entity<billing::Subscription>(format::subscription_row, id);
}

std::optional<billing::Doctor> RowsView::doctor(const std::string& id) const {
  return entity<billing::Doctor>(format::doctor_row, id);
}

std::optional<billing::Withdrawal> RowsView::withdrawal(const std::string& id) const {
  return entity<billing::Withdrawal>(format::withdrawal_row, id);
}

std::optional<KeptAnswer> RowsView::kept_answer(const billing::RequestDigest& key) const {
  return find<KeptAnswer>(format::kept_row, {key.data(), key.size()});
}

void RowsView::each_live_session(const std::function<void(billing::Session&&)>& visit) const {
  std::vector<std::string> live;
  for (const billing::Status status : {billing::Status::waiting, billing::Status::active}) {
    each_from(keys::status(status), 0, [&](billing::Seq, std::string_view value) {
      live.push_back(keys::row(format::session_row, value.substr(1)));
      return true;
    });
  }
  // In the order of the rows, so that one pass over them finds all; over what lies between it
  // steps.
  std::sort(live.begin(), live.end());
  const std::unique_ptr<rocksdb::Iterator> rows(database_.rows().NewIterator(options_));
  for (const std::string& key : live) {
    for (int steps = 0; steps < 8 && rows->Valid() && rows->key().ToStringView() < key; ++steps) {
      rows->Next();
    }
    if (!rows->Valid() || rows->key().ToStringView() != key) rows->Seek(key);
    database_.check(rows->status(), "reading rows");
    TOLL_ASSERT(rows->Valid() && rows->key().ToStringView() == key);
    auto row = decoded<Row<billing::Session>>(rows->value().ToStringView());
    TOLL_ASSERT(row.entity.live());
    visit(std::move(row.entity));
  }
}

void RowsView::each_subscription(const std::function<void(billing::Subscription&&)>& visit) const {
  each_row<Row<billing::Subscription>>(format::subscription_row,
                                       [&](auto&& row) { visit(std::move(row.entity)); });
}

void RowsView::each_doctor(const std::function<void(billing::Doctor&&)>& visit) const {
  each_row<Row<billing::Doctor>>(format::doctor_row,
                                 [&](auto&& row) { visit(std::move(row.entity)); });
}

void RowsView::each_policy(const std::function<void(billing::Policy&&)>& visit) const {
  each_row(format::policy_row, visit);
}

std::vector<billing::Seq> RowsView::newest_places(char letter, const std::string& owner) const {
  const auto places = [&](const auto& row) {
    return row ? row->newest.numbers() : std::vector<billing::Seq>{};
  };
  return letter == format::session_row ? places(find<Row<billing::Session>>(letter, owner))
                                       : places(find<Row<billing::Doctor>>(letter, owner));
}

std::vector<billing::Record> RowsView::events(billing::Seq after, std::size_t limit) const {
  std::vector<billing::Record> records;
  const billing::Seq durable = journal_.durable();
  if (limit == 0 || after >= durable) return records;
  JournalReader(store_).each(after + 1, [&](billing::Record&& record) {
    const billing::Seq seq = record.seq;
    records.push_back(std::move(record));
    return seq < durable && records.size() < limit;
  });
  return records;
}

void RowsView::each_from(const std::string& prefix, billing::Seq from,
                         const std::function<bool(billing::Seq, std::string_view)>& visit) const {
  const std::string end = keys::end_of(prefix);
  const rocksdb::Slice bound(end);
  rocksdb::ReadOptions options = options_;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> rows(database_.rows().NewIterator(options));
  for (rows->Seek(keys::at(prefix, from)); rows->Valid(); rows->Next()) {
    const auto seq = keys::seq_after(rows->key().ToStringView(), prefix.size());
    TOLL_ASSERT(seq);
    if (!visit(*seq, rows->value().ToStringView())) break;
  }
  database_.check(rows->status(), "reading rows");
}

void RowsView::each_before(const std::string& prefix, billing::Seq before,
                           const std::function<bool(billing::Seq, std::string_view)>& visit) const {
  if (before == 0) return;
  const rocksdb::Slice bound(prefix);
  rocksdb::ReadOptions options = options_;
  options.iterate_lower_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> rows(database_.rows().NewIterator(options));
  for (rows->SeekForPrev(keys::at(prefix, before - 1)); rows->Valid(); rows->Prev()) {
    const auto seq = keys::seq_after(rows->key().ToStringView(), prefix.size());
    TOLL_ASSERT(seq);
    if (!visit(*seq, rows->value().ToStringView())) break;
  }
  database_.check(rows->status(), "reading rows");
}

template <class Value>
void RowsView::each_row(char letter, const std::function<void(Value&&)>& visit) const {
  const std::string prefix = keys::row(letter);
  const std::string end = keys::end_of(prefix);
  const rocksdb::Slice bound(end);
  rocksdb::ReadOptions options = options_;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> rows(database_.rows().NewIterator(options));
  for (rows->Seek(prefix); rows->Valid(); rows->Next()) {
    visit(decoded<Value>(rows->value().ToStringView()));
  }
  database_.check(rows->status(), "reading rows");
}

}  // namespace toll::persistence
