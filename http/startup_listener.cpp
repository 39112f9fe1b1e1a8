#include "http/startup_listener.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <mutex>
#include <thread>

#include "http/message.hpp"
#include "http/problem.hpp"
#include "http/tls.hpp"
#include "http/transport.hpp"

namespace toll::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::uint32_t most_head = 16 * 1024;
constexpr std::size_t most_callers = 128;  ///< who comes beyond them waits to be accepted
constexpr std::chrono::seconds patience{5};
constexpr std::chrono::milliseconds farewell{200};  ///< for requests that are under way
constexpr std::chrono::milliseconds next_try{100};

}  // namespace

namespace startup {

/// How far the start is. From any thread.
class Standing {
 public:
  void set(std::string_view what, std::uint64_t done, std::uint64_t all) {
    std::string text = "The server recovers: " + std::string(what);
    if (all > 0) text += ", " + std::to_string(done) + " of " + std::to_string(all);
    const std::scoped_lock lock(mutex_);
    detail_ = std::move(text) + '.';
  }
  Reply reply() const {
    const std::scoped_lock lock(mutex_);
    return unavailable("recovering", detail_);
  }

 private:
  mutable std::mutex mutex_;
  std::string detail_ = "The server recovers.";
};

/// Who called and is still there. On the listener's thread.
struct Callers {
  std::size_t all = 0;
  std::size_t unanswered = 0;
  std::function<void()> on_change;  ///< called when one of them is fewer
};

/// One request and its answer.
class Caller : public std::enable_shared_from_this<Caller> {
 public:
  Caller(Transport transport, const Standing& standing, Callers& callers)
      : transport_(std::move(transport)),
        standing_(standing),
        callers_(callers),
        deadline_(transport_.socket().get_executor(), patience) {
    parser_.header_limit(most_head);
    ++callers_.all;
    ++callers_.unanswered;
  }
  ~Caller() {
    answered();
    --callers_.all;
    callers_.on_change();
  }

  void start() {
    deadline_.async_wait([self = weak_from_this()](error_code cancelled) {
      const auto caller = self.lock();
      if (!cancelled && caller) caller->transport_.close();
    });
    read();
  }

 private:
  void read() {
    transport_.async_read_some(buffer_.prepare(4096),
                               [self = shared_from_this()](error_code error, std::size_t bytes) {
                                 if (error) return self->transport_.close();
                                 self->buffer_.commit(bytes);
                                 self->parse();
                               });
  }

  void parse() {
    error_code error;
    buffer_.consume(parser_.put(buffer_.data(), error));
    if (parser_.is_header_done()) return answer();
    if (error && error != beast::http::error::need_more) {
      return write(invalid_request("The request is not valid HTTP/1.1."), false);
    }
    read();
  }

  void answer() {
    const auto target = parser_.get().target();
    const std::string_view path(target.data(), std::min(target.find('?'), target.size()));
    write(path == "/livez" ? Reply{.body = R"({"status":"ok"})"} : standing_.reply(),
          parser_.get().method() == beast::http::verb::head);
  }

  void answered() {
    if (std::exchange(answered_, true)) return;
    --callers_.unanswered;
    callers_.on_change();
  }

  void write(const Reply& reply, bool head) {
    frame(out_, reply, "start", {.head = head});
    transport_.async_write(asio::buffer(out_), asio::transfer_all(),
                           [self = shared_from_this()](error_code error, std::size_t) {
                             if (error) return self->transport_.close();
                             self->answered();
                             self->transport_.async_finish([self] { self->drain(); });
                           });
  }

  /// Closing with unread bytes would reset the connection, and the answer might never be seen.
  void drain() {
    buffer_.clear();
    transport_.socket().async_read_some(buffer_.prepare(4096),
                                        [self = shared_from_this()](error_code error, std::size_t) {
                                          if (error) return self->transport_.close();
                                          self->drain();
                                        });
  }

  Transport transport_;
  const Standing& standing_;
  Callers& callers_;
  asio::steady_timer deadline_;
  beast::flat_buffer buffer_{2 * most_head};
  beast::http::request_parser<beast::http::empty_body> parser_;
  std::string out_;
  bool answered_ = false;
};

}  // namespace startup

struct StartupListener::Impl {
  Impl(const ServerOptions& options, ListeningSocket socket) {
    if (options.tls()) tls.emplace(load_tls(options));
    acceptor.assign(socket.v6() ? Tcp::v6() : Tcp::v4(), socket.release());
    accept();
    thread = std::thread([this] { io.run(); });
  }

  /// Who has called is answered, if they ask at once.
  ~Impl() {
    asio::post(io, [this] {
      leaving = true;
      error_code ignored;
      acceptor.close(ignored);
      pause.expires_after(farewell);
      pause.async_wait([this](error_code) { io.stop(); });
      changed();
    });
    thread.join();
    callers.on_change = [] {};
  }

  void accept() {
    accepting = true;
    acceptor.async_accept(io.get_executor(), [this](error_code error, Socket socket) {
      accepting = false;
      if (leaving) return;
      if (error) {  // such as too many open files
        pause.expires_after(next_try);
        return pause.async_wait([this](error_code cancelled) {
          if (!cancelled && !leaving && !accepting) accept();
        });
      }
      std::make_shared<startup::Caller>(
          tls ? Transport(std::move(socket), *tls) : Transport(std::move(socket)), standing,
          callers)
          ->start();
      changed();
    });
  }

  void changed() {
    if (leaving && callers.unanswered == 0) return io.stop();
    if (!leaving && !accepting && callers.all < most_callers) accept();
  }

  // What callers hold on to, until the last of them is gone with the io_context.
  startup::Standing standing;
  startup::Callers callers{.on_change = [this] { changed(); }};
  std::optional<asio::ssl::context> tls;
  bool accepting = false;
  bool leaving = false;
  asio::io_context io{1};
  asio::basic_socket_acceptor<Tcp, Executor> acceptor{io};
  asio::steady_timer pause{io};
  std::thread thread;
};

StartupListener::StartupListener(const ServerOptions& options, const ListeningSocket& socket)
    : impl_(std::make_unique<Impl>(options, socket.share())) {}

StartupListener::~StartupListener() = default;

void StartupListener::progress(std::string_view what, std::uint64_t done, std::uint64_t all) {
  impl_->standing.set(what, done, all);
}

}  // namespace toll::http
