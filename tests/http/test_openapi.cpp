// The document has exactly the operations of the router, with what each of them takes.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "http/embedded.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"

using namespace toll::http;
using Json = nlohmann::json;

namespace {

const Json& document() {
  static const Json parsed = Json::parse(embedded::openapi_json);
  return parsed;
}

std::string lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

const Json& operation(const Route& route) {
  return document()["paths"][std::string(route.path)][lower(name(route.method))];
}

/// The routes that the document is about: all but the page for people.
std::vector<Route> api_routes() {
  std::vector<Route> api;
  for (const Route& route : routes()) {
    if (route.path != "/" && !route.path.starts_with("/docs")) api.push_back(route);
  }
  return api;
}

bool has_parameter_in(const Json& operation, const std::string& place) {
  for (Json parameter : operation.value("parameters", Json::array())) {
    if (parameter.contains("$ref")) {
      parameter = document()[Json::json_pointer(parameter["$ref"].get<std::string>().substr(1))];
    }
    if (parameter["in"] == place) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the document and the router have the same operations") {
  const std::set<std::string> methods{"get", "put", "patch", "post", "delete", "head", "options"};
  std::set<std::string> documented, routed;
  for (const auto& [path, item] : document()["paths"].items()) {
    for (const auto& [method, ignored] : item.items()) {
      if (methods.count(method)) documented.insert(method + " " + path);
    }
  }
  for (const Route& route : api_routes()) {
    routed.insert(lower(name(route.method)) + " " + std::string(route.path));
  }
  CHECK(documented == routed);
}

TEST_CASE("the document explains the code of every refusal, with its status") {
  std::map<std::string, unsigned> statuses;
  for (const Json& code : document()["components"]["schemas"]["ErrorCode"]["oneOf"]) {
    statuses[code["const"].get<std::string>()] = code["x-status"].get<unsigned>();
  }
  for (std::size_t i = 0; i < toll::billing::refusal_count; ++i) {
    const auto refusal = static_cast<toll::billing::Refusal>(i);
    const std::string code(toll::billing::code(refusal));
    INFO(code);
    CHECK(statuses[code] == status_of(refusal));
  }
}

TEST_CASE("an operation takes in the document what it takes in the router") {
  for (const Route& route : api_routes()) {
    INFO(name(route.method) << " " << route.path);
    const Json& documented = operation(route);
    CHECK(has_parameter_in(documented, "query") == (route.takes == Takes::query));
    CHECK((route.takes_body() ? documented.contains("requestBody") : true));
    const bool open = documented.contains("security") && documented["security"].empty();
    CHECK(open == (route.door == Door::open));
    const bool says_256 = documented.value("description", "").find("256 KiB") != std::string::npos;
    CHECK(says_256 == (route.takes == Takes::large_body));
    const Json& unavailable = documented["responses"]["503"]["$ref"];
    const bool writes = unavailable == "#/components/responses/UnavailableForWrites";
    CHECK(writes == (route.door == Door::write || route.door == Door::end));
  }
}
