#include "tests/support/event_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "tests/support/exchange_log.hpp"

namespace toll::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

namespace {

std::map<std::string, std::string> headers_of(const http::fields& fields) {
  std::map<std::string, std::string> headers;
  for (const auto& field : fields) {
    headers[lower_case(field.name_string())] = field.value();
  }
  return headers;
}

}  // namespace

struct EventClient::Impl {
  asio::io_context io;
  std::chrono::milliseconds timeout;
  beast::tcp_stream stream{io};
  beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  std::string text;  ///< received and not yet taken
  Exchange exchange{.method = "GET", .target = "/v1/events/stream"};

  template <class Start>
  void run(Start start) {
    error_code result = asio::error::would_block;
    stream.expires_after(timeout);
    start([&result](error_code ec, auto&&...) { result = ec; });
    io.restart();
    io.run();
    if (result && result != http::error::need_buffer) throw LostAnswer(result.message());
  }

  void receive() {
    char bytes[16 * 1024];
    parser.get().body() = {bytes, sizeof bytes, true};
    run([&](auto done) { http::async_read_some(stream, buffer, parser, done); });
    text.append(bytes, sizeof bytes - parser.get().body().size);
    if (parser.is_done()) throw LostAnswer("the stream has ended");
  }
};

EventClient::EventClient(std::uint16_t port, const std::string& last_id,
                         std::chrono::milliseconds timeout, const std::string& authorization)
    : impl_(std::make_unique<Impl>()) {
  impl_->timeout = timeout;
  impl_->parser.body_limit(boost::none);
  const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  impl_->run([&](auto done) { impl_->stream.async_connect(endpoint, done); });
  http::request<http::empty_body> request(http::verb::get, "/v1/events/stream", 11);
  request.set(http::field::host, "127.0.0.1");
  if (!authorization.empty()) request.set(http::field::authorization, authorization);
  if (!last_id.empty()) request.set("Last-Event-ID", last_id);
  impl_->run([&](auto done) { http::async_write(impl_->stream, request, done); });
  impl_->run([&](auto done) {
    http::async_read_header(impl_->stream, impl_->buffer, impl_->parser, done);
  });
  if (impl_->parser.get().result_int() != 200) throw LostAnswer("refused");
  impl_->exchange.status = 200;
  impl_->exchange.headers = headers_of(impl_->parser.get());
}

EventClient::~EventClient() = default;

Event EventClient::next() {
  std::string& text = impl_->text;
  Event event;
  while (event.id.empty()) {  // a comment is a block of its own
    std::size_t end = 0;
    while ((end = text.find("\n\n")) == std::string::npos) impl_->receive();
    for (std::size_t at = 0; at < end;) {
      const std::size_t line_end = text.find('\n', at);
      const std::string line = text.substr(at, line_end - at);
      at = line_end + 1;
      if (line.starts_with("id: ")) event.id = line.substr(4);
      if (line.starts_with("event: ")) event.type = line.substr(7);
      if (line.starts_with("data: ")) event.data = line.substr(6);
    }
    impl_->exchange.body = text.substr(0, end + 2);
    record(impl_->exchange);
    text.erase(0, end + 2);
  }
  return event;
}

}  // namespace toll::test
