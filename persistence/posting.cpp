#include "persistence/posting.hpp"

#include "billing/assert.hpp"
#include "persistence/codec.hpp"

namespace toll::persistence {

namespace {

/// Calls `visit` for each number; false if the bytes are no list of places.
template <class Visit>
bool each_place(std::string_view bytes, Visit visit) {
  billing::Seq seq = 0;
  while (!bytes.empty()) {
    std::uint64_t difference = 0;
    if (!take_varint(bytes, difference) || seq + difference <= seq) return false;
    visit(seq += difference);
  }
  return true;
}

}  // namespace

void Places::add(billing::Seq seq) {
  TOLL_ASSERT(seq > last_);
  put_varint(bytes_, seq - last_);
  last_ = seq;
  ++count_;
}

void Places::add(const Places& later) {
  if (later.empty()) return;
  std::string_view rest = later.bytes_;
  std::uint64_t first = 0;
  TOLL_ASSERT(take_varint(rest, first));
  add(first);
  bytes_.append(rest);
  last_ = later.last_;
  count_ += later.count_ - 1;
}

bool Places::read(std::string_view bytes) {
  *this = {};
  const bool whole = each_place(bytes, [this](billing::Seq seq) {
    last_ = seq;
    ++count_;
  });
  bytes_ = bytes;
  return whole;
}

std::vector<billing::Seq> Places::numbers() const {
  std::vector<billing::Seq> numbers;
  numbers.reserve(count_);
  TOLL_ASSERT(each_place(bytes_, [&](billing::Seq seq) { numbers.push_back(seq); }));
  return numbers;
}

}  // namespace toll::persistence
