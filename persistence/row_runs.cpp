#include "persistence/row_runs.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <cstring>
#include <memory>
#include <utility>

#include "billing/assert.hpp"
#include "persistence/codec.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

constexpr std::size_t written_at_once = 1u << 20;
constexpr std::size_t read_at_once = 128u << 10;

struct RunRow {
  std::string_view key, value, whole;
};

/// Takes a row off the front; false if it is not whole.
bool take_row(std::string_view& in, RunRow& row) {
  const std::string_view before = in;
  std::uint64_t key = 0, value = 0;
  std::string_view rest = in;
  if (!take_varint(rest, key) || !take_varint(rest, value)) return false;
  if (key > rest.size() || value > rest.size() - key) return false;
  row.key = rest.substr(0, key);
  row.value = rest.substr(key, value);
  in = rest.substr(key + value);
  row.whole = before.substr(0, before.size() - in.size());
  return true;
}

KeyHead key_head(std::string_view key) {
  unsigned char bytes[sizeof(KeyHead)] = {};
  std::memcpy(bytes, key.data(), std::min(key.size(), sizeof bytes));
  return {boost::endian::load_big_u64(bytes), boost::endian::load_big_u64(bytes + 8)};
}

void need_run(const rocksdb::Status& status) {
  if (!status.ok()) throw StorageError("writing rows: " + status.ToString());
}

/// Reads a part of a run.
class RunCursor {
 public:
  RunCursor(const std::string& path, std::uint64_t begin, std::uint64_t end, std::size_t number)
      : left_(end - begin), number_(number) {
    need_run(rocksdb::Env::Default()->NewSequentialFile(path, &file_, rocksdb::EnvOptions()));
    need_run(file_->Skip(begin));
  }

  const RunRow& row() const { return row_; }

  /// False at the end.
  bool next() {
    while (!take_row(rest_, row_)) {
      if (left_ == 0) return false;
      more();
    }
    head_ = key_head(row_.key);
    return true;
  }

  /// Of equal keys the one that was put last comes first.
  bool before(const RunCursor& other) const {
    if (head_ != other.head_) return head_ < other.head_;
    const int order = row_.key.compare(other.row_.key);
    return order != 0 ? order < 0 : number_ > other.number_;
  }

 private:
  void more() {
    const std::size_t kept = rest_.size();
    std::string buffer(std::max(read_at_once, 2 * kept), '\0');
    rest_.copy(buffer.data(), kept);
    rocksdb::Slice read;
    const std::size_t wanted = std::min<std::uint64_t>(left_, buffer.size() - kept);
    need_run(file_->Read(wanted, &read, buffer.data() + kept));
    if (read.empty()) throw StorageError("writing rows: a run of them has lost its end");
    if (read.data() != buffer.data() + kept) {
      std::memcpy(buffer.data() + kept, read.data(), read.size());
    }
    left_ -= read.size();
    buffer_ = std::move(buffer);
    rest_ = std::string_view(buffer_).substr(0, kept + read.size());
  }

  std::unique_ptr<rocksdb::SequentialFile> file_;
  std::uint64_t left_;
  const std::size_t number_;
  std::string buffer_;
  std::string_view rest_;
  RunRow row_;
  KeyHead head_{};
};

/// Cursors with the one that is before all others in front.
class RunHeap {
 public:
  void add(std::unique_ptr<RunCursor> cursor) {
    if (!cursor->next()) return;
    cursors_.push_back(std::move(cursor));
    std::push_heap(cursors_.begin(), cursors_.end(), after);
  }
  bool empty() const { return cursors_.empty(); }
  const RunRow& front() const { return cursors_.front()->row(); }

  void next() {
    if (!cursors_.front()->next()) {
      std::swap(cursors_.front(), cursors_.back());
      cursors_.pop_back();
    }
    // As a rule the next row is of the same run: then two comparisons say so.
    for (std::size_t at = 0, child = 1; child < cursors_.size(); at = child, child = 2 * at + 1) {
      if (child + 1 < cursors_.size() && cursors_[child + 1]->before(*cursors_[child])) ++child;
      if (!cursors_[child]->before(*cursors_[at])) break;
      std::swap(cursors_[at], cursors_[child]);
    }
  }

 private:
  static bool after(const std::unique_ptr<RunCursor>& a, const std::unique_ptr<RunCursor>& b) {
    return b->before(*a);
  }
  std::vector<std::unique_ptr<RunCursor>> cursors_;
};

}  // namespace

RowRuns::RowRuns(std::string directory, std::size_t most_bytes)
    : directory_(std::move(directory)), most_bytes_(most_bytes) {}

RowRuns::~RowRuns() {
  if (writing_.valid()) writing_.wait();
}

void RowRuns::Heap::clear() {
  bytes.clear();
  for (std::vector<Place>& letter : places) letter.clear();
}

void RowRuns::put(std::string_view key, std::string_view value) {
  TOLL_ASSERT(!key.empty() && key.front() >= 0 && key.size() <= 0xffff);
  std::string& bytes = heap_.bytes;
  if (bytes.size() + key.size() + value.size() > most_bytes_) spill();
  if (bytes.empty()) bytes.reserve(most_bytes_);
  const std::size_t begin = bytes.size();
  put_varint(bytes, key.size());
  put_varint(bytes, value.size());
  const std::size_t at = bytes.size();
  heap_.places[static_cast<std::size_t>(key.front())].push_back(
      {key_head(key.substr(1)), static_cast<std::uint32_t>(at),
       static_cast<std::uint16_t>(key.size()), static_cast<std::uint16_t>(at - begin)});
  bytes.append(key).append(value);
}

void RowRuns::keep() {
  spill();
  wait();
  // By a swap: a string that is assigned an empty one keeps its memory.
  Heap none, nothing;
  std::swap(heap_, none);
  std::swap(sorting_, nothing);
  kept_ = runs_.size();
}

void RowRuns::drop() {
  heap_.clear();
  wait();
  for (; runs_.size() > kept_; runs_.pop_back()) {
    need_run(rocksdb::Env::Default()->DeleteFile(runs_.back().path));
  }
}

void RowRuns::spill() {
  wait();
  if (heap_.bytes.empty()) return;
  std::swap(heap_, sorting_);
  runs_.push_back({directory_ + "/run" + std::to_string(runs_.size()), {}, 0});
  writing_ = std::async(std::launch::async, [this, &run = runs_.back()] { write(sorting_, run); });
}

void RowRuns::wait() {
  if (writing_.valid()) writing_.get();
}

void RowRuns::write(Heap& heap, Run& run) {
  const std::string_view bytes = heap.bytes;
  const auto before = [&](const Place& a, const Place& b) {
    if (a.head != b.head) return a.head < b.head;
    const int order = bytes.substr(a.key, a.key_bytes).compare(bytes.substr(b.key, b.key_bytes));
    return order != 0 ? order < 0 : a.key > b.key;  // as merged: the last one comes first
  };
  std::unique_ptr<rocksdb::WritableFile> file;
  need_run(rocksdb::Env::Default()->NewWritableFile(run.path, &file, rocksdb::EnvOptions()));
  std::string out;
  for (std::size_t letter = 0; letter < heap.places.size(); ++letter) {
    std::vector<Place>& places = heap.places[letter];
    if (places.empty()) continue;
    std::sort(places.begin(), places.end(), before);
    run.letters.emplace_back(static_cast<char>(letter), run.bytes);
    for (const Place& place : places) {
      std::string_view rest = bytes.substr(place.key - place.header_bytes);
      RunRow row;
      TOLL_ASSERT(take_row(rest, row));
      out += row.whole;
      run.bytes += row.whole.size();
      if (out.size() < written_at_once) continue;
      need_run(file->Append(out));
      out.clear();
    }
  }
  need_run(file->Append(out));
  need_run(file->Close());
  heap.clear();
}

std::uint64_t RowRuns::Run::begin_of(char letter) const {
  for (const auto& [first, begin] : letters) {
    if (first >= letter) return begin;
  }
  return bytes;
}

void RowRuns::each(char first, char last, const Visit& visit) const {
  RunHeap heap;
  for (std::size_t i = 0; i < kept_; ++i) {
    const std::uint64_t begin = runs_[i].begin_of(first);
    const std::uint64_t end = runs_[i].begin_of(static_cast<char>(last + 1));
    if (begin < end) heap.add(std::make_unique<RunCursor>(runs_[i].path, begin, end, i));
  }
  std::string earlier;
  for (; !heap.empty(); heap.next()) {
    const RunRow& row = heap.front();
    if (row.key == earlier) continue;
    visit(row.key, row.value);
    earlier = row.key;
  }
}

}  // namespace toll::persistence
