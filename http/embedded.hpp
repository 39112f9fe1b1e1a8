// Files that are part of the program, so that it needs none beside it: CMake makes them from the
// tree (toll_embed).
#pragma once

#include <string_view>

namespace toll::http::embedded {

/// The OpenAPI document, from http/openapi/.
extern const std::string_view openapi_json;

/// The page that shows it, from http/docs/.
extern const std::string_view index_html, docs_css, contents_js, docs_js, dom_js, examples_js,
    literals_js, operation_js, samples_js, schema_js, sections_js, tab_js, try_js;

}  // namespace toll::http::embedded
