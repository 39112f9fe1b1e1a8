// Encoder and decoder: the two visitors of the `fields` functions in format.hpp. Integers are
// varints (signed ones zigzag), strings and lists carry their length, optionals a presence byte.
//
// Fields that a later edition added come last in their list, in `since(edition, ...)`. A record has
// them if the edition's bit is in its flags, which is so exactly when one of them is not T{}: what
// an earlier version wrote reads as T{}, and is written again as the same bytes. A row always has
// them: the name of its directory is its format.
#pragma once

#include <array>
#include <concepts>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace toll::persistence {

/// How many values an enumeration has; format.hpp says it for each one that is stored.
template <class E>
inline constexpr unsigned enum_size = 0;

inline void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

/// Takes a varint off the front of `in`; false when `in` ends inside it or it exceeds 64 bits.
inline bool take_varint(std::string_view& in, std::uint64_t& value) {
  value = 0;
  for (unsigned i = 0; i < in.size() && i < 10; ++i) {
    const auto byte = static_cast<std::uint8_t>(in[i]);
    if (i == 9 && byte > 1) return false;
    value |= std::uint64_t{byte & 0x7Fu} << (7 * i);
    if (byte < 0x80) {
      in.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

/// Where the flags of a record stand in its bytes.
struct FlagsAt {
  std::size_t place = 0;
};

/// Appends to a string. Never fails; returns true so that it has the decoder's shape.
class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  /// For a record: `flags` has been written, and gets the bits of the editions that follow.
  Encoder(std::string& out, FlagsAt flags) : out_(out), flags_(flags) {}

  template <class... T>
  bool operator()(const T&... values) {
    (put(values), ...);
    return true;
  }

  template <class... T>
  bool since(std::uint8_t edition, const T&... values) {
    if (flags_) {
      if (((values == T{}) && ...)) return true;
      char& flags = out_[flags_->place];
      flags = static_cast<char>(static_cast<std::uint8_t>(flags) | edition);
    }
    return (*this)(values...);
  }

 private:
  void put(bool value) { out_.push_back(value ? 1 : 0); }
  void put(const std::string& value) {
    put_varint(out_, value.size());
    out_.append(value);
  }
  template <std::unsigned_integral T>
  void put(T value) {
    put_varint(out_, value);
  }
  template <std::signed_integral T>
  void put(T value) {
    const auto wide = static_cast<std::int64_t>(value);
    put_varint(out_,
               (static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63));
  }
  template <class T>
  requires std::is_enum_v<T>
  void put(T value) { out_.push_back(static_cast<char>(value)); }
  template <std::size_t N>
  void put(const std::array<char, N>& value) {
    out_.append(value.data(), N);
  }
  template <class T, std::size_t N>
  void put(const std::array<T, N>& values) {
    for (const T& value : values) put(value);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put_varint(out_, values.size());
    for (const T& value : values) put(value);
  }
  template <class K, class T>
  void put(const std::map<K, T>& values) {
    put_varint(out_, values.size());
    for (const auto& [key, value] : values) (put(key), put(value));
  }
  template <class T>
  requires std::is_class_v<T>
  void put(const T& value) { fields(*this, value); }

  std::string& out_;
  const std::optional<FlagsAt> flags_;
};

/// Reads from bytes that may be anything. Every step returns false on bytes that the encoder cannot
/// have written; the value is then unspecified but valid.
class Decoder {
 public:
  explicit Decoder(std::string_view in) : in_(in) {}

  /// For a record that has these editions.
  Decoder(std::string_view in, std::uint8_t editions) : in_(in), editions_(editions) {}

  /// Whether nothing is left: no byte, and no edition that the fields do not have.
  bool at_end() const { return in_.empty() && editions_.value_or(0) == 0; }

  template <class... T>
  bool operator()(T&... values) {
    return (get(values) && ...);
  }

  template <class... T>
  bool since(std::uint8_t edition, T&... values) {
    if (!editions_) return (*this)(values...);
    if ((*editions_ & edition) == 0) {
      ((values = T{}), ...);
      return true;
    }
    *editions_ = static_cast<std::uint8_t>(*editions_ & ~edition);
    return (*this)(values...) && !((values == T{}) && ...);
  }

 private:
  bool get(bool& value) {
    std::uint8_t byte = 0;
    if (!get_byte(byte) || byte > 1) return false;
    value = byte == 1;
    return true;
  }
  bool get(std::string& value) {
    std::uint64_t size = 0;
    if (!take_varint(in_, size) || size > in_.size()) return false;
    value.assign(in_.data(), size);
    in_.remove_prefix(size);
    return true;
  }
  template <std::unsigned_integral T>
  bool get(T& value) {
    std::uint64_t wide = 0;
    if (!take_varint(in_, wide) || wide > std::numeric_limits<T>::max()) return false;
    value = static_cast<T>(wide);
    return true;
  }
  template <std::signed_integral T>
  bool get(T& value) {
    std::uint64_t zigzag = 0;
    if (!take_varint(in_, zigzag)) return false;
    const auto wide = static_cast<std::int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
    value = static_cast<T>(wide);
    return value == wide;
  }
  template <class T>
  requires std::is_enum_v<T>
  bool get(T& value) {
    static_assert(enum_size<T> > 0);
    std::uint8_t byte = 0;
    if (!get_byte(byte) || byte >= enum_size<T>) return false;
    value = static_cast<T>(byte);
    return true;
  }
  template <std::size_t N>
  bool get(std::array<char, N>& value) {
    if (in_.size() < N) return false;
    std::memcpy(value.data(), in_.data(), N);
    in_.remove_prefix(N);
    return true;
  }
  template <class T, std::size_t N>
  bool get(std::array<T, N>& values) {
    for (T& value : values) {
      if (!get(value)) return false;
    }
    return true;
  }
  template <class T>
  bool get(std::optional<T>& value) {
    bool present = false;
    if (!get(present)) return false;
    if (!present) {
      value.reset();
      return true;
    }
    return get(value.emplace());
  }
  template <class T>
  bool get(std::vector<T>& values) {
    std::uint64_t count = 0;
    if (!get_count(count)) return false;
    values.clear();
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!get(values.emplace_back())) return false;
    }
    return true;
  }
  template <class K, class T>
  bool get(std::map<K, T>& values) {
    std::uint64_t count = 0;
    if (!get_count(count)) return false;
    values.clear();
    for (std::uint64_t i = 0; i < count; ++i) {
      K key{};
      T value{};
      if (!get(key) || !get(value) || !values.emplace(std::move(key), value).second) return false;
    }
    return true;
  }
  template <class T>
  requires std::is_class_v<T>
  bool get(T& value) { return fields(*this, value); }

  /// Every element takes a byte at least, so a count beyond the rest is garbage, not an allocation.
  bool get_count(std::uint64_t& count) { return take_varint(in_, count) && count <= in_.size(); }
  bool get_byte(std::uint8_t& byte) {
    if (in_.empty()) return false;
    byte = static_cast<std::uint8_t>(in_.front());
    in_.remove_prefix(1);
    return true;
  }

  std::string_view in_;
  std::optional<std::uint8_t> editions_;  ///< absent: a row; else those not read yet
};

/// Encodes a whole value, such as a row.
template <class T>
std::string encode(const T& value) {
  std::string out;
  Encoder encoder(out);
  fields(encoder, value);
  return out;
}

/// Decodes a whole value: false unless `bytes` is exactly one.
template <class T>
bool decode(std::string_view bytes, T& value) {
  Decoder decoder(bytes);
  return fields(decoder, value) && decoder.at_end();
}

}  // namespace toll::persistence
