// Any bytes that a client may send, through the whole door, with an engine behind it that changes
// nothing. The same bytes are sent at once and in pieces: where they are cut must not matter.
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <charconv>
#include <unordered_set>

#include "billing/assert.hpp"
#include "http/connection.hpp"
#include "tests/fuzz/cut.hpp"
#include "tests/fuzz/prompt_engine.hpp"

namespace {

using namespace toll;
using namespace toll::http;
namespace asio = boost::asio;

struct Conversation {
  std::vector<int> statuses;
  std::vector<tests::PromptEngine::Asked> asked;
  bool operator==(const Conversation&) const = default;
};

/// The statuses of whole answers, one after the other; an answer that says that it is the last one
/// is. A stream has no end, so it is not looked into.
std::vector<int> read_answers(std::string_view text) {
  std::vector<int> statuses;
  while (!text.empty()) {
    TOLL_ASSERT(text.starts_with("HTTP/1.1 "));
    const std::size_t end = text.find("\r\n\r\n");
    TOLL_ASSERT(end != text.npos);
    const std::string_view head = text.substr(0, end + 2);
    text.remove_prefix(end + 4);
    int status = 0;
    std::from_chars(head.data() + 9, head.data() + 12, status);
    if (status == 100) continue;  // whether it is said depends on where the bytes are cut
    statuses.push_back(status);
    if (head.find("\r\nContent-Type: text/event-stream\r\n") != head.npos) break;
    if (status == 204) continue;
    constexpr std::string_view name = "\r\nContent-Length: ";
    const std::size_t at = head.find(name);
    TOLL_ASSERT(at != head.npos);
    std::size_t length = 0;
    std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
    // The answer to HEAD says how long a body would be and has none.
    const bool has_body = !text.empty() && !text.starts_with("HTTP/1.1 ");
    TOLL_ASSERT(!has_body || text.size() >= length);
    if (has_body) text.remove_prefix(length);
    if (head.find("\r\nConnection: close\r\n") != head.npos) TOLL_ASSERT(text.empty());
  }
  return statuses;
}

/// A server for one client at a time, who sits at the other end of a pair of sockets.
class Wire {
 public:
  Conversation talk(const std::vector<std::string_view>& pieces) {
    int pair[2];
    TOLL_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    client_ = pair[0];
    received_.clear();
    Socket socket(io_.get_executor());
    socket.assign(Tcp::v4(), pair[1]);
    {
      const auto connection = std::make_shared<Connection>(Transport(std::move(socket)), shared_);
      peers_.insert(connection.get());
      connection->start(*seats_.take(asio::ip::address_v4::loopback(), *connection));
    }
    run();
    for (const std::string_view piece : pieces) {
      ::send(client_, piece.data(), piece.size(), MSG_NOSIGNAL);  // fails when the server has left
      run();
    }
    ::shutdown(client_, SHUT_WR);
    run();
    Conversation conversation{read_answers(received_), engine_.take_asked()};
    // A client that has said all and heard all is not waited for.
    const bool streams = received_.find("text/event-stream") != received_.npos;
    TOLL_ASSERT(peers_.empty() || streams);
    while (!peers_.empty()) (*peers_.begin())->close();
    run();
    ::close(client_);
    return conversation;
  }

 private:
  /// Until nobody has anything to do or to say.
  void run() {
    char bytes[16 * 1024];
    while (true) {
      const bool worked = io_.poll() > 0;
      const ssize_t count = ::recv(client_, bytes, sizeof bytes, 0);
      if (count > 0) received_.append(bytes, static_cast<std::size_t>(count));
      if (!worked && count <= 0) return;
    }
  }

  asio::io_context io_{1};
  asio::executor_work_guard<Executor> open_{io_.get_executor()};
  tests::PromptEngine engine_;
  Auth auth_ = Auth::off();
  Metrics metrics_;
  Accounts accounts_{false};
  Seats seats_{{}, accounts_, metrics_};
  Backlog answers_{Limit::answers, SeatLimits{}.places, metrics_};
  Backlog requests_{Limit::requests, SeatLimits{}.places, metrics_};
  Service service_{engine_, auth_, metrics_, {}};
  Outbox outbox_{[this] { asio::post(io_, [this] { outbox_.deliver_all(); }); }};
  const std::shared_ptr<Streams> streams_ =
      std::make_shared<Streams>(engine_, outbox_, metrics_, 256);
  std::unordered_set<Peer*> peers_;
  Shared shared_{service_,
                 outbox_,
                 *streams_,
                 answers_,
                 requests_,
                 std::chrono::hours(1),
                 std::chrono::hours(1),
                 std::chrono::hours(1),
                 std::chrono::hours(1),
                 [this](Peer* peer) { peers_.insert(peer); },
                 [this](Peer* peer) { peers_.erase(peer); }};
  int client_ = -1;
  std::string received_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Wire wire;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Conversation whole = wire.talk({bytes});
  // Every request that is done was written down as one.
  std::size_t lines = 0;
  for (std::size_t at = bytes.find(" HTTP/1."); at != bytes.npos;
       at = bytes.find(" HTTP/1.", at + 1)) {
    ++lines;
  }
  TOLL_ASSERT(whole.asked.size() <= lines);
  TOLL_ASSERT(wire.talk(tests::cut(bytes)) == whole);
  return 0;
}
