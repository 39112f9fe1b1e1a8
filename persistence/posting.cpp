#include "persistence/posting.hpp"

#include "persistence/codec.hpp"

namespace toll::persistence {

std::string encode_posting(const std::vector<billing::Seq>& seqs, std::size_t begin,
                           std::size_t end) {
  std::string value;
  for (std::size_t i = begin + 1; i < end; ++i) put_varint(value, seqs[i] - seqs[i - 1]);
  return value;
}

bool decode_posting(billing::Seq first, std::string_view value, std::vector<billing::Seq>& seqs) {
  seqs.assign(1, first);
  while (!value.empty()) {
    std::uint64_t difference = 0;
    if (!take_varint(value, difference) || difference == 0) return false;
    if (seqs.back() + difference < seqs.back()) return false;
    seqs.push_back(seqs.back() + difference);
  }
  return true;
}

}  // namespace toll::persistence
