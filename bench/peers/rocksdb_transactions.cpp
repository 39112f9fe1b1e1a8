// RocksDB's own answer to contention: pessimistic transactions with row locks, each commit synced.
#include <rocksdb/utilities/transaction_db.h>

#include <stdexcept>

#include "bench/peers/peer.hpp"

namespace toll::bench {

namespace {

using rocksdb::Status;

void check(const Status& status) {
  if (!status.ok()) throw std::runtime_error("rocksdb: " + status.ToString());
}

std::string key(char kind, std::size_t number) { return kind + std::to_string(number); }

class RocksLink final : public Link {
 public:
  RocksLink(rocksdb::TransactionDB& db, const Work& work) : db_(db), work_(work) {
    synced_.sync = true;
    patient_.lock_timeout = 60'000;
  }

  int deduct(const Request& request) override {
    transaction_.reset(db_.BeginTransaction(synced_, patient_, transaction_.release()));
    const std::string session = key('c', request.session);
    const std::string subscription = key('s', work_.subscription_of(request.session));
    const std::int64_t processed = lock(session);
    if (processed >= request.round) {
      check(transaction_->Rollback());
      return 0;
    }
    const std::int64_t taken = lock(subscription);
    const std::string wallet = key('d', request.session);
    check(transaction_->Put(session, std::to_string(processed + 1)));
    check(transaction_->Put(subscription, std::to_string(taken + 1)));
    check(transaction_->Put(wallet, std::to_string(lock(wallet) + unit_pay)));
    check(transaction_->Put("e" + session + '.' + std::to_string(processed + 1),
                            subscription + ' ' + std::to_string(unit_pay)));
    check(transaction_->Commit());
    return 1;
  }

 private:
  std::int64_t lock(const std::string& key) {
    std::string value;
    check(transaction_->GetForUpdate(rocksdb::ReadOptions(), key, &value));
    return std::stoll(value);
  }

  rocksdb::TransactionDB& db_;
  const Work& work_;
  rocksdb::WriteOptions synced_;
  rocksdb::TransactionOptions patient_;
  std::unique_ptr<rocksdb::Transaction> transaction_;
};

class Rocks final : public Peer {
 public:
  Rocks(const std::string& where, const Work& work) : work_(work) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = 64u << 20;
    rocksdb::TransactionDB* db = nullptr;
    check(rocksdb::TransactionDB::Open(options, {}, where + "/rocksdb", &db));
    db_.reset(db);
  }

  void fill(const Work& work) override {
    const std::unique_ptr<rocksdb::Iterator> old(db_->NewIterator(rocksdb::ReadOptions()));
    for (old->SeekToFirst(); old->Valid(); old->Next()) check(db_->Delete({}, old->key()));
    for (std::size_t i = 0; i < work.sessions(); ++i) {
      check(db_->Put({}, key('c', i), "0"));
      check(db_->Put({}, key('d', i), "0"));
    }
    for (std::size_t i = 0; i < work.subscriptions(); ++i) check(db_->Put({}, key('s', i), "0"));
  }

  std::unique_ptr<Link> connect() override { return std::make_unique<RocksLink>(*db_, work_); }

  PeerBooks books() override {
    PeerBooks books;
    const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(rocksdb::ReadOptions()));
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      const char kind = rows->key()[0];
      if (kind == 'e') ++books.entries;
      if (kind == 'c') books.used += std::stoll(rows->value().ToString());
      if (kind == 'd') books.paid += std::stoll(rows->value().ToString());
      if (kind == 's') books.taken += std::stoll(rows->value().ToString());
    }
    return books;
  }

 private:
  const Work& work_;
  std::unique_ptr<rocksdb::TransactionDB> db_;
};

}  // namespace

std::unique_ptr<Peer> rocksdb_transactions(const std::string& where, const Work& work) {
  return std::make_unique<Rocks>(where, work);
}

}  // namespace toll::bench
