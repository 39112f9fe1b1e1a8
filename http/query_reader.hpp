// Reads query parameters as strictly as fields of a body: unknown, repeated or ill-typed ones are
// errors.
#pragma once

#include "billing/types.hpp"
#include "http/target.hpp"

namespace toll::http {

class QueryReader {
 public:
  /// `parameters` outlive the reader.
  explicit QueryReader(const std::vector<Parameter>& parameters);

  std::optional<std::string> id(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);

  /// Whether it is there, as `name` or `name=true`.
  bool flag(std::string_view name);

  /// `limit` of a list: 1 to 500, 50 when absent.
  std::size_t limit();

  /// The place in `list` (see cursor.hpp) that `cursor` leads to.
  std::optional<std::string> cursor(std::string_view list);

  template <class Parse>
  auto choice(std::string_view name, Parse parse, std::string_view allowed)
      -> decltype(parse(std::string_view())) {
    const std::string* value = find(name);
    if (!value) return std::nullopt;
    auto choice = parse(std::string_view(*value));
    if (!choice) fail(name, "must be " + std::string(allowed));
    return choice;
  }

  /// What is wrong with the query, once every parameter has been read.
  const std::optional<std::string>& finish();

 private:
  const std::string* find(std::string_view name);
  void fail(std::string_view name, std::string_view what);

  const std::vector<Parameter>& parameters_;
  std::vector<std::string_view> read_;
  std::optional<std::string> error_;
};

}  // namespace toll::http
