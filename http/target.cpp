#include "http/target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace toll::http {

namespace {

namespace urls = boost::urls;

std::string decoded(urls::pct_string_view text) {
  return text.decoded_size() == text.size() ? std::string(text.data(), text.size()) : text.decode();
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
  if (!url) return std::nullopt;
  Target target;
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
