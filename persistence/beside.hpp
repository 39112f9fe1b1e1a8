// What is known of a history beside its records. It goes wherever they go: into backups, and back.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "persistence/storage.hpp"

namespace toll::persistence {

struct Beside {
  std::optional<billing::Instant> sign_of_life;
  std::optional<ClockKind> clock;  ///< that made the history
};

/// `get` finds the value of a key of the default column family; false: there is none. Throws
/// StorageError if one cannot be read.
Beside read_beside(const std::function<bool(const char* key, std::string& value)>& get);

/// `put` writes what there is.
void write_beside(const Beside& beside,
                  const std::function<void(const char* key, const std::string& value)>& put);

/// `wall` or `test`.
std::string in_words(ClockKind clock);
std::optional<ClockKind> parse_clock_kind(const std::string& text);

}  // namespace toll::persistence
