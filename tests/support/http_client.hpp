// A small blocking HTTP/1.1 client for tests: one keep-alive connection, one request at a time.
// Not thread-safe: one client per thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace toll::test {

/// The connection broke or the answer did not come: whether the server did it is unknown.
struct LostAnswer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Response {
  int status = 0;
  std::string body;
  std::map<std::string, std::string> headers;  ///< names in lower case
};

/// The name of a header as Response has it.
std::string lower_case(std::string_view name);

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port,
                      std::chrono::milliseconds timeout = std::chrono::seconds(30));
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  /// Headers sent with every request from now on.
  void set_header(std::string name, std::string value);

  /// Sends and waits for the answer; connects when not connected. A non-empty body is sent as JSON
  /// unless `content_type` says otherwise. Throws LostAnswer.
  Response request(const std::string& method, const std::string& target,
                   const std::string& body = "",
                   const std::string& content_type = "application/json");
  Response get(const std::string& target) { return request("GET", target); }
  Response post(const std::string& target, const std::string& body = "") {
    return request("POST", target, body);
  }
  Response put(const std::string& target, const std::string& body) {
    return request("PUT", target, body);
  }
  Response patch(const std::string& target, const std::string& body) {
    return request("PATCH", target, body);
  }

  /// Sends the bytes as they are on a connection of their own and reads one answer; none when the
  /// server closed without a word.
  std::optional<Response> raw(const std::string& bytes);

  /// The same in two packets; the second is sent once the first has reached the server.
  std::optional<Response> raw_in_two(const std::string& first, const std::string& second);

  /// Sends several requests ahead and reads so many answers, fewer if the server closes.
  std::vector<Response> raw_many(const std::string& bytes, std::size_t answers);

  void connect();
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::test
