// The load generator does not leave a stall out of its figures (coordinated omission).
#include "bench/http/traffic.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "bench/http/requests.hpp"
#include "bench/http/scripts.hpp"

namespace toll::tests {

using namespace bench;
using namespace std::chrono_literals;

namespace {

/// Answers all requests of one connection, and not for a while before one of them.
class Stalling {
 public:
  Stalling(int stall_before, std::chrono::milliseconds time) {
    REQUIRE(listener_ >= 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    REQUIRE(::bind(listener_, any, size) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    REQUIRE(::getsockname(listener_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, stall_before, time] { serve(stall_before, time); });
  }
  ~Stalling() {
    thread_.join();  // the client has closed its connection by then
    ::close(listener_);
  }
  std::uint16_t port() const { return port_; }

 private:
  void serve(int stall_before, std::chrono::milliseconds time) const {
    const int socket = ::accept(listener_, nullptr, nullptr);
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    char request[4096];
    for (int i = 0; ::read(socket, request, sizeof(request)) > 0; ++i) {
      if (i == stall_before) ::poll(nullptr, 0, static_cast<int>(time.count()));  // the stall
      if (::write(socket, answer.data(), answer.size()) < 0) break;
    }
    ::close(socket);
  }

  const int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TrafficFigures figures(double rate) {
  constexpr auto stall = 400ms;
  Stalling server(10, stall);
  std::string request;
  put_request(request, "GET", "/livez");
  Traffic traffic(server.port(), 1);
  Repeat script(request, 1s);
  return traffic.run(script, rate);
}

}  // namespace

TEST_CASE("in an open loop a stall counts for all that was due meanwhile, in a closed loop once") {
  const TrafficFigures open = figures(500);
  const TrafficFigures closed = figures(0);
  // Of 500 requests 200 were due while nothing was answered, half of them for 200 ms or more.
  CHECK(open.requests > 300);
  CHECK(open.latency.quantile_us(0.85) > 200'000);
  CHECK(closed.latency.max_us() > 300'000);
  CHECK(closed.latency.quantile_us(0.85) < open.latency.quantile_us(0.85));
}

}  // namespace toll::tests
