#include "persistence/beside.hpp"

#include "persistence/format.hpp"

namespace toll::persistence {

Beside read_beside(const std::function<bool(const char* key, std::string& value)>& get) {
  Beside beside;
  std::string stored;
  if (get(format::sign_of_life_key, stored)) {
    SignOfLife sign;
    if (!decode(stored, sign)) throw StorageError("the sign of life cannot be read");
    beside.sign_of_life = sign.at;
  }
  if (get(format::clock_key, stored)) {
    beside.clock = parse_clock_kind(stored);
    if (!beside.clock) throw StorageError("which clock made this history cannot be read");
  }
  return beside;
}

void write_beside(const Beside& beside,
                  const std::function<void(const char* key, const std::string& value)>& put) {
  if (beside.sign_of_life) put(format::sign_of_life_key, encode(SignOfLife{*beside.sign_of_life}));
  if (beside.clock) put(format::clock_key, in_words(*beside.clock));
}

std::string in_words(ClockKind clock) { return clock == ClockKind::test ? "test" : "wall"; }

std::optional<ClockKind> parse_clock_kind(const std::string& text) {
  for (const ClockKind kind : {ClockKind::wall, ClockKind::test}) {
    if (text == in_words(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace toll::persistence
