// The policy file: JSON, merged field by field over the default policy.
#pragma once

#include "billing/policy.hpp"
#include "http/json_writer.hpp"

namespace toll::http {

struct PolicyText {
  billing::Policy policy;
  std::optional<std::string> error;  ///< names the field; `policy` must not be used then
};

/// A field that is not known, has the wrong type or is out of range is an error. A currency that
/// the defaults do not have needs a rate for every channel: no unit is unpaid by omission.
PolicyText parse_policy(std::string_view text);

/// The contents of the file at `path` through parse_policy.
PolicyText read_policy_file(const std::string& path);

/// The policy as such a file would say it.
void write_policy(JsonWriter& json, const billing::Policy& policy);

}  // namespace toll::http
