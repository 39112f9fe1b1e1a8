// One journal record as bytes (format.hpp): what the group is a sequence of.
#pragma once

#include "billing/facts.hpp"

namespace toll::persistence {

/// Appends the record without its length: flags, instant, tag, cause unless null, fields.
void encode_record(std::string& out, billing::Instant at, const billing::Fact& fact,
                   const billing::Cause* cause = nullptr);

/// Takes one record with its length off the front of `in`. False if the bytes are not a record that
/// this version can have written. `record.seq` is left alone: the place implies it.
bool take_record(std::string_view& in, billing::Record& record);

/// The same without decoding what is in it.
bool skip_record(std::string_view& in);

/// The same, and says when it was, of which kind it is and where its fields begin.
bool peek_record(std::string_view& in, billing::Instant& at, std::size_t& tag,
                 std::string_view& fields_of_fact);

}  // namespace toll::persistence
