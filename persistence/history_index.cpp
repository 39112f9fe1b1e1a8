#include "persistence/history_index.hpp"

#include "persistence/format.hpp"
#include "persistence/record.hpp"

namespace toll::persistence {

namespace {

/// A decoder that makes nothing: it remembers where the first few texts are, and ends there.
class Glimpse {
 public:
  Glimpse(std::string_view in, std::size_t wanted) : in_(in), wanted_(wanted) {}

  template <class... T>
  bool operator()(T&... values) {
    return (get(values) && ...);
  }
  template <class... T>
  bool since(std::uint8_t, T&...) {
    return false;
  }
  bool complete() const { return count_ == wanted_; }
  std::string_view text(std::size_t i) const { return texts_[i]; }

 private:
  bool take(std::uint64_t size, std::string_view& out) {
    if (size > in_.size()) return false;
    out = in_.substr(0, size);
    in_.remove_prefix(size);
    return true;
  }
  bool skip(std::uint64_t size) {
    std::string_view skipped;
    return take(size, skipped);
  }
  bool get(std::string&) {
    std::uint64_t size = 0;
    if (count_ == wanted_ || !take_varint(in_, size)) return false;
    return take(size, texts_[count_]) && ++count_ < wanted_;
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  bool get(T&) {
    std::uint64_t value = 0;
    return take_varint(in_, value);
  }
  template <class T>
  requires std::is_enum_v<T>
  bool get(T&) { return skip(1); }
  template <std::size_t N>
  bool get(std::array<char, N>&) {
    return skip(N);
  }
  bool get(std::optional<std::string>&) {
    std::uint64_t present = 0, size = 0;
    if (!take_varint(in_, present)) return false;
    return present == 0 || (take_varint(in_, size) && skip(size));
  }
  template <class T>
  bool get(std::optional<T>& value) {
    std::uint64_t present = 0;
    return take_varint(in_, present) && (present == 0 || get(value.emplace()));
  }
  template <class T>
  requires(std::is_class_v<T>&& requires(Glimpse& g, T& v) { fields(g, v); }) bool get(T& value) {
    return fields(*this, value);
  }
  template <class T>
  bool get(const T&) {
    return false;  // nothing that is wanted comes behind a list
  }

  std::string_view in_;
  const std::size_t wanted_;
  std::size_t count_ = 0;
  std::array<std::string_view, 4> texts_;
};

/// The first texts of a fact of this kind; false if the record is of another one.
template <class Fact, class Use>
bool glimpse(std::string_view fields_of_fact, std::size_t wanted, Use use) {
  static thread_local Fact nothing;
  Glimpse found(fields_of_fact, wanted);
  fields(found, nothing);
  if (found.complete()) use(found);
  return found.complete();
}

template <class Fact>
constexpr std::size_t tag_of = [] {
  std::size_t tag = 0;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((std::is_same_v<std::variant_alternative_t<I, billing::Fact>, Fact> ? (tag = I, 0) : 0), ...);
  }
  (std::make_index_sequence<std::variant_size_v<billing::Fact>>());
  return tag;
}();

}  // namespace

bool HistoryIndex::add(const GroupView& group) {
  using namespace billing;
  std::string_view rest = group.payload;
  for (Seq seq = group.first; seq <= group.last(); ++seq) {
    std::size_t tag = 0;
    std::string_view body;
    Instant at = 0;
    if (!peek_record(rest, at, tag, body)) return false;
    newest_at_ = std::max(newest_at_, at);
    const auto subscription = [&](std::string_view id) { last_[hash_(id)] = seq; };
    switch (tag) {
      case tag_of<Granted>:
        glimpse<Granted>(body, 1, [&](auto& found) { subscription(found.text(0)); });
        break;
      case tag_of<Changed>:
        glimpse<Changed>(body, 1, [&](auto& found) { subscription(found.text(0)); });
        break;
      case tag_of<ToppedUp>:
        glimpse<ToppedUp>(body, 1, [&](auto& found) { subscription(found.text(0)); });
        break;
      case tag_of<Created>:
        ++sessions_;
        glimpse<Created>(body, 4, [&](auto& found) { subscription(found.text(3)); });
        break;
      case tag_of<Charged>:
        glimpse<Charged>(body, 4, [&](auto& found) {
          subscription(found.text(1));
          if (found.text(3) != found.text(1)) subscription(found.text(3));
        });
        break;
      case tag_of<Ended>:
        glimpse<Ended>(body, 2, [&](auto& found) { subscription(found.text(1)); });
        break;
      case tag_of<Refunded>:
        glimpse<Refunded>(body, 2, [&](auto& found) {
          subscription(found.text(1));
          last_[~hash_(found.text(0))] = seq;
        });
        break;
      default:
        break;
    }
  }
  return rest.empty();
}

}  // namespace toll::persistence
