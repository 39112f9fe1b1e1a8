#include "http/target.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace toll::http {

namespace {

namespace urls = boost::urls;

std::string decoded(urls::pct_string_view text) {
  return text.decoded_size() == text.size() ? std::string(text.data(), text.size()) : text.decode();
}

/// `.` or `..`, each dot as it is or encoded.
bool is_dots(std::string_view segment) {
  int dots = 0;
  while (!segment.empty()) {
    const bool encoded = segment.starts_with("%2e") || segment.starts_with("%2E");
    if (!encoded && segment.front() != '.') return false;
    segment.remove_prefix(encoded ? 3 : 1);
    ++dots;
  }
  return dots == 1 || dots == 2;
}

/// In the text itself: the parser's own segments leave out a first one that is a dot.
bool has_dot_segment(std::string_view path) {
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (is_dots(path.substr(at, end - at))) return true;
    at = end + 1;
  }
  return false;
}

std::optional<urls::url_view> parse(std::string_view text) {
  if (!text.empty() && text.front() == '/') {
    const auto origin = urls::parse_origin_form(text);
    return origin ? std::optional(*origin) : std::nullopt;
  }
  const auto absolute = urls::parse_absolute_uri(text);
  if (!absolute || (absolute->scheme_id() != urls::scheme::http &&
                    absolute->scheme_id() != urls::scheme::https)) {
    return std::nullopt;
  }
  return *absolute;
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  const auto url = parse(text);
  if (!url || has_dot_segment(url->encoded_path())) return std::nullopt;
  Target target;
  target.authority = std::string(url->encoded_host_and_port());
  for (const urls::pct_string_view segment : url->encoded_segments()) {
    if (target.count == max_segments) break;
    target.segments[target.count++] = decoded(segment);
  }
  if (!url->encoded_query().empty()) {
    for (const auto& parameter : url->encoded_params()) {
      target.parameters.push_back({decoded(parameter.key), decoded(parameter.value)});
    }
  }
  return target;
}

}  // namespace toll::http
