// A storage without threads whose disk does not wait for an actor to finish: it may take its turn
// after any record, as the journal's own thread does. What an actor appends in one go is then not
// in one group by luck.
#pragma once

#include "persistence/storage.hpp"

namespace toll::tests {

class BusyStorage final : public persistence::Storage, public persistence::Journal {
 public:
  /// `between` is called after each change that an actor appends.
  /// Whether the disk has room, and how long it has been at a group, is for the others to say.
  BusyStorage(std::unique_ptr<persistence::Storage> storage, std::function<void()> between,
              std::function<bool()> has_room, std::function<std::int64_t()> writing_ms)
      : storage_(std::move(storage)),
        between_(std::move(between)),
        has_room_(std::move(has_room)),
        writing_ms_(std::move(writing_ms)) {}

  /// The process has ended, and its last actors go with what they have not done. Whoever had an
  /// item of a batch in its queue answers the batch then, which still asks where the journal ends.
  void lose() { storage_.reset(); }

  billing::Seq append(billing::Instant at, const billing::Fact& fact,
                      const billing::Cause* cause) override {
    if (!storage_) return 0;
    const billing::Seq seq = storage_->journal().append(at, fact, cause);
    between_();
    return seq;
  }
  billing::Seq append_all(billing::Instant at, const std::vector<billing::Fact>& facts,
                          const billing::Cause* cause) override {
    if (!storage_) return 0;
    const billing::Seq first = storage_->journal().append_all(at, facts, cause);
    between_();
    return first;
  }
  billing::Seq last() const override { return storage_ ? storage_->journal().last() : 0; }
  billing::Seq durable() const override { return storage_->journal().durable(); }
  billing::Seq applied() const override { return storage_ ? storage_->journal().applied() : 0; }
  std::size_t waiting_bytes() const override {
    return storage_ ? storage_->journal().waiting_bytes() : 0;
  }
  std::int64_t writing_ms() const override { return writing_ms_(); }
  void when_durable(billing::Seq seq, persistence::WaiterPtr waiter) override {
    if (storage_) storage_->journal().when_durable(seq, std::move(waiter));
  }
  void when_beyond(billing::Seq after, persistence::WaiterPtr waiter) override {
    storage_->journal().when_beyond(after, std::move(waiter));
  }

  const persistence::Recovered& recovered() const override { return storage_->recovered(); }
  persistence::HistoryState history() const override { return storage_->history(); }
  Journal& journal() override { return *this; }
  void read(billing::Seq at_least, std::function<void(const persistence::Rows&)> read) override {
    if (storage_) storage_->read(at_least, std::move(read));
  }
  void read_list(billing::Seq at_least, const std::string& whose,
                 std::function<void(const persistence::Rows&)> read) override {
    if (storage_) storage_->read_list(at_least, whose, std::move(read));
  }
  const persistence::Rows& rows() const override { return storage_->rows(); }
  void record_sign_of_life(billing::Instant now) override { storage_->record_sign_of_life(now); }
  void record_time(billing::Instant now) override { storage_->record_time(now); }
  void flush() override { storage_->flush(); }
  persistence::DiskState disk() const override { return storage_->disk(); }
  persistence::Tally tally() const override { return storage_->tally(); }
  bool has_room() const override { return has_room_(); }
  bool has_kept_room() override { return true; }
  void keep_room() override {}
  bool pump() override { return storage_->pump(); }

 private:
  std::unique_ptr<persistence::Storage> storage_;
  const std::function<void()> between_;
  const std::function<bool()> has_room_;
  const std::function<std::int64_t()> writing_ms_;
};

}  // namespace toll::tests
