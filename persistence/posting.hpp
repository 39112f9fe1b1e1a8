// Postings: which records concern an owner, as a list of places in the journal. Statements and
// wallet entries are read through them, so that a deduction costs no row of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "billing/types.hpp"

namespace toll::persistence {

/// The value of a posting whose first number is in its key; `seqs` ascend and are not empty.
std::string encode_posting(const std::vector<billing::Seq>& seqs, std::size_t begin,
                           std::size_t end);

/// All numbers, the first included. False if the bytes are no posting.
bool decode_posting(billing::Seq first, std::string_view value, std::vector<billing::Seq>& seqs);

}  // namespace toll::persistence
