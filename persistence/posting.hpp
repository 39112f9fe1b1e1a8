// Places: which records concern an owner, as numbers in the journal. Statements and wallet entries
// are read through them, so that a deduction costs no row of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "billing/types.hpp"

namespace toll::persistence {

/// Ascending sequence numbers, kept as the bytes that are stored: varints, the first number and
/// then the differences.
class Places {
 public:
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  const std::string& bytes() const { return bytes_; }

  /// `seq` is beyond all numbers so far.
  void add(billing::Seq seq);
  void add(const Places& later);

  /// Takes what bytes() gave; false if the bytes are no such list.
  bool read(std::string_view bytes);

  std::vector<billing::Seq> numbers() const;

  bool operator==(const Places& other) const { return bytes_ == other.bytes_; }

 private:
  std::string bytes_;
  billing::Seq last_ = 0;
  std::size_t count_ = 0;
};

}  // namespace toll::persistence
