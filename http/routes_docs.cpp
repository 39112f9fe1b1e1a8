// The page that shows the OpenAPI document to people. Its files come from http/docs/, in the
// program; it fetches nothing from elsewhere, and its policy lets it fetch nothing from elsewhere.
#include <algorithm>
#include <array>

#include "http/embedded.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"

namespace toll::http {

namespace {

constexpr std::string_view html = "text/html; charset=utf-8";
constexpr std::string_view css = "text/css; charset=utf-8";
constexpr std::string_view script = "text/javascript; charset=utf-8";

struct File {
  std::string_view name;
  std::string_view content_type;
  const std::string_view& content;
};

constexpr std::array files{File{"docs.css", css, embedded::docs_css},
                           File{"contents.js", script, embedded::contents_js},
                           File{"docs.js", script, embedded::docs_js},
                           File{"dom.js", script, embedded::dom_js},
                           File{"examples.js", script, embedded::examples_js},
                           File{"literals.js", script, embedded::literals_js},
                           File{"operation.js", script, embedded::operation_js},
                           File{"samples.js", script, embedded::samples_js},
                           File{"schema.js", script, embedded::schema_js},
                           File{"sections.js", script, embedded::sections_js},
                           File{"tab.js", script, embedded::tab_js},
                           File{"try.js", script, embedded::try_js}};

Reply show(std::string_view content_type, std::string_view content) {
  Reply reply{.content_type = content_type, .cache_control = "no-cache", .stored = content};
  reply.headers =
      "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
      "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'\r\n"
      "Referrer-Policy: no-referrer\r\n";
  return reply;
}

Reply see(std::string_view other) {
  return {.status = 302, .headers = "Location: " + std::string(other) + "\r\n"};
}

}  // namespace

Action get_docs(const Call&) { return show(html, embedded::index_html); }

// Relative, so that they also hold behind a proxy that serves the API under a prefix.
Action get_root(const Call&) { return see("docs"); }

Action get_docs_directory(const Call&) { return see("../docs"); }

Action get_docs_file(const Call& call) {
  const auto file = std::find_if(files.begin(), files.end(),
                                 [&](const File& known) { return known.name == call.id; });
  if (file == files.end()) return no_such_route();
  return show(file->content_type, file->content);
}

}  // namespace toll::http
