#include "tests/support/http_client.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cctype>
#include <thread>

#include "tests/support/exchange_log.hpp"

namespace toll::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

namespace {

Response convert(const http::response<http::string_body>& message) {
  Response response;
  response.status = static_cast<int>(message.result_int());
  response.body = message.body();
  for (const auto& field : message) {
    response.headers[lower_case(field.name_string())] = field.value();
  }
  return response;
}

void note(const std::string& method, const std::string& target, const std::string& type,
          const std::string& body, const Response& response) {
  record({method, target, type, body, response.status, response.headers, response.body});
}

/// What the server should make of these bytes: the requests in them, up to the first that is none.
std::vector<http::request<http::string_body>> requests_in(const std::string& bytes) {
  std::vector<http::request<http::string_body>> requests;
  std::size_t begin = 0;
  while (begin < bytes.size()) {
    http::request_parser<http::string_body> parser;
    parser.eager(true);
    error_code error;
    begin += parser.put(asio::buffer(bytes) + begin, error);
    if (error || !parser.is_done()) break;
    requests.push_back(parser.release());
  }
  return requests;
}

void note(const std::string& bytes, const std::vector<Response>& responses) {
  const auto requests = requests_in(bytes);
  for (std::size_t i = 0; i < responses.size(); ++i) {
    if (i >= requests.size()) {
      note("", "", "", "", responses[i]);
      continue;
    }
    const auto& request = requests[i];
    note(std::string(request.method_string()), std::string(request.target()),
         std::string(request[http::field::content_type]), request.body(), responses[i]);
  }
}

}  // namespace

struct HttpClient::Impl {
  asio::io_context io;
  std::uint16_t port;
  std::chrono::milliseconds timeout;
  std::map<std::string, std::string> headers;
  std::unique_ptr<beast::tcp_stream> stream;
  beast::flat_buffer buffer;

  // A tcp_stream's timeout works only on asynchronous operations, so each one is run to its end
  // here.
  template <class Start>
  error_code run(Start start) {
    error_code result = asio::error::would_block;
    stream->expires_after(timeout);
    start([&result](error_code ec, auto&&...) { result = ec; });
    io.restart();
    io.run();
    return result;
  }

  void connect() {
    buffer.clear();
    stream = std::make_unique<beast::tcp_stream>(io);
    const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    const error_code ec = run([&](auto done) { stream->async_connect(endpoint, done); });
    if (ec) fail("connect", ec);
    stream->socket().set_option(asio::ip::tcp::no_delay(true));
  }

  [[noreturn]] void fail(const char* what, error_code ec) {
    stream.reset();
    throw LostAnswer(std::string(what) + ": " + ec.message());
  }

  http::request<http::string_body> build(const std::string& method, const std::string& target,
                                         const std::string& body, const std::string& type) {
    http::request<http::string_body> message;
    message.method_string(method);
    message.target(target);
    message.version(11);
    message.set(http::field::host, "127.0.0.1");
    for (const auto& [name, value] : headers) message.set(name, value);
    if (!body.empty()) message.set(http::field::content_type, type);
    message.body() = body;
    message.prepare_payload();
    return message;
  }

  /// An answer to HEAD has no body, whatever its Content-Length says.
  Response read(bool head = false) {
    http::response_parser<http::string_body> parser;
    parser.skip(head);
    const error_code ec = run([&](auto done) { http::async_read(*stream, buffer, parser, done); });
    if (ec) fail("read", ec);
    const auto message = parser.release();
    if (!message.keep_alive()) stream.reset();
    return convert(message);
  }

  // The server may answer and close before it has read everything, so failing is no failure.
  void send(const std::string& bytes) {
    run([&](auto done) { asio::async_write(*stream, asio::buffer(bytes), done); });
  }

  // Whether the peer's kernel has everything: on loopback its reader is woken at that moment.
  void await_acknowledged() {
    int unsent = 1;
    while (unsent > 0 && ioctl(stream->socket().native_handle(), SIOCOUTQ, &unsent) == 0) {
      std::this_thread::yield();
    }
  }

  void write(const http::request<http::string_body>& message) {
    const error_code ec = run([&](auto done) { http::async_write(*stream, message, done); });
    if (ec) fail("write", ec);
  }
};

std::string lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

HttpClient::HttpClient(std::uint16_t port, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>()) {
  impl_->port = port;
  impl_->timeout = timeout;
}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

void HttpClient::set_header(std::string name, std::string value) {
  impl_->headers[std::move(name)] = std::move(value);
}

Response HttpClient::request(const std::string& method, const std::string& target,
                             const std::string& body, const std::string& content_type) {
  if (!impl_->stream) impl_->connect();
  impl_->write(impl_->build(method, target, body, content_type));
  Response response = impl_->read(method == "HEAD");
  note(method, target, body.empty() ? "" : content_type, body, response);
  return response;
}

std::optional<Response> HttpClient::raw(const std::string& bytes) {
  auto answers = raw_many(bytes, 1);
  if (answers.empty()) return std::nullopt;
  return std::move(answers.front());
}

std::optional<Response> HttpClient::raw_in_two(const std::string& first,
                                               const std::string& second) {
  HttpClient once(impl_->port, impl_->timeout);
  once.connect();
  Impl& own = *once.impl_;
  own.send(first);
  own.await_acknowledged();
  own.send(second);
  try {
    Response response = own.read();
    note(first + second, {response});
    return response;
  } catch (const LostAnswer&) {
    return std::nullopt;
  }
}

std::vector<Response> HttpClient::raw_many(const std::string& bytes, std::size_t answers) {
  HttpClient once(impl_->port, impl_->timeout);
  once.connect();
  once.impl_->send(bytes);
  std::vector<Response> responses;
  try {
    while (responses.size() < answers) responses.push_back(once.impl_->read());
  } catch (const LostAnswer&) {
    // The server has closed: the caller sees how many there are.
  }
  note(bytes, responses);
  return responses;
}

void HttpClient::connect() { impl_->connect(); }
void HttpClient::close() { impl_->stream.reset(); }

}  // namespace toll::test
