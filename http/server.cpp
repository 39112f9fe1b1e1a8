#include "http/server.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <unordered_set>

#include "billing/assert.hpp"
#include "http/connection.hpp"
#include "http/hang_up.hpp"
#include "http/log.hpp"
#include "http/notify.hpp"
#include "http/problem.hpp"
#include "http/tls.hpp"

namespace toll::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::milliseconds sweep_interval{250};
constexpr std::chrono::milliseconds accept_pause{100};  ///< after an error such as "too many files"

SeatLimits seat_limits(const ServerOptions& options) {
  SeatLimits limits;
  limits.places = options.max_connections;
  limits.of_address = options.max_connections_per_address;
  for (const std::string& proxy : options.trusted_proxies) {
    const auto network = Network::parse(proxy);
    TOLL_ASSERT(network);
    limits.trusted.push_back(*network);
  }
  return limits;
}

}  // namespace

struct Server::Impl {
  Impl(const ServerOptions& server_options, ListeningSocket socket, actors::Engine& engine,
       Auth& known, Metrics& metrics)
      : accounts(known.tells_apart()),
        seats(seat_limits(server_options), accounts, metrics),
        answers(Limit::answers, server_options.max_connections, metrics),
        requests(Limit::requests, server_options.max_connections, metrics),
        figures(metrics),
        options(server_options),
        auth(known),
        service(engine, known, metrics, {options.rate_limit, options.person_limit}),
        streams(std::make_shared<Streams>(engine, outbox, metrics, options.max_streams)) {
    auth.on_unusable = [&metrics](std::string_view file) { metrics.file_unusable(file); };
    if (options.tls()) take_certificate();
    acceptor.assign(socket.v6() ? Tcp::v6() : Tcp::v4(), socket.release());
    if (options.stop_on_signals) {
      signals.add(SIGTERM);
      signals.add(SIGINT);
      signals.async_wait([this](error_code error, int signal) {
        if (error) return;
        log(LogLevel::info, "stopping", {{"signal", std::int64_t{signal}}});
        begin_stop();
      });
    }
    accept();
    sweep();
  }

  void take_certificate() {
    tls = load_tls(options);
    figures.set_certificate_expiry(expiry_of(*tls));
    warn_if_expired(*tls, options);
  }

  /// What SIGHUP asks for. Connections that there are keep the certificate that they have.
  void reload() {
    log(LogLevel::info, "reloading");
    if (!shared.stopping) notify_reloading();
    auth.reload();
    if (options.tls()) reload_certificate();
    if (!shared.stopping) notify_ready();
  }

  void reload_certificate() {
    try {
      take_certificate();
      log(LogLevel::info, "certificate_reloaded");
    } catch (const TlsError& problem) {
      auth.on_unusable("certificate");
      log(LogLevel::error, "certificate_kept", {{"reason", std::string_view(problem.what())}});
    }
  }

  void accept() {
    acceptor.async_accept(io.get_executor(), [this](error_code error, Socket socket) {
      if (!acceptor.is_open()) return;
      if (!error) {
        welcome(std::move(socket));
        return accept();
      }
      log(LogLevel::warn, "accept_failed", {{"reason", std::string_view(error.message())}});
      pause.expires_after(accept_pause);
      pause.async_wait([this](error_code cancelled) {
        if (!cancelled && acceptor.is_open()) accept();
      });
    });
  }

  void welcome(Socket socket) {
    error_code error;
    const Tcp::endpoint client = socket.remote_endpoint(error);
    if (error) return;  // it has left
    socket.set_option(Tcp::no_delay(true), error);
    const auto connection = std::make_shared<Connection>(
        tls ? Transport(std::move(socket), *tls) : Transport(std::move(socket)), shared);
    auto seat = seats.take(client.address(), *connection);
    if (!seat) return;
    remember(connection.get());
    connection->start(std::move(*seat));
  }

  void remember(Peer* peer) {
    connections.insert(peer);
    service.set_connections(connections.size());
  }

  void forget(Peer* peer) {
    connections.erase(peer);
    service.set_connections(connections.size());
    if (shared.stopping && connections.empty()) io.stop();
  }

  /// Calls what may close connections, which changes the set, on each of them.
  template <class Visit>
  void each_connection(Visit visit) {
    const std::vector<Peer*> all(connections.begin(), connections.end());
    for (Peer* peer : all) {
      if (connections.contains(peer)) visit(*peer->shared_from_this());
    }
  }

  void sweep() {
    timer.expires_after(sweep_interval);
    timer.async_wait([this](error_code error) {
      if (error) return;
      take_hang_up() ? reload() : auth.refresh();
      service.look();
      figures.set_waiting_bytes(answers.bytes(), requests.bytes());
      const auto now = Clock::now();
      const bool enough = shared.stopping && now >= stop_by;
      each_connection([&](Peer& peer) { enough ? peer.close() : peer.expire(now); });
      if (enough) return io.stop();
      sweep();
    });
  }

  void begin_stop() {
    if (shared.stopping) return;
    shared.stopping = true;
    notify_stopping();
    stop_by = Clock::now() + options.drain_limit;
    service.drain();
    error_code ignored;
    acceptor.close(ignored);
    each_connection([](Peer& peer) { peer.stop(); });
    if (connections.empty()) io.stop();
  }

  // What connections have their share of, until the last of them is gone with the io_context.
  Accounts accounts;
  Seats seats;
  Backlog answers;
  Backlog requests;
  asio::io_context io{1};
  Metrics& figures;
  ServerOptions options;
  Auth& auth;
  Service service;
  Outbox outbox{[this] { asio::post(io, [this] { outbox.deliver_all(); }); }};
  const std::shared_ptr<Streams> streams;
  Shared shared{service,
                outbox,
                *streams,
                answers,
                requests,
                options.request_timeout,
                options.idle_timeout,
                options.stream_keep_alive,
                options.stream_stall,
                [this](Peer* peer) { remember(peer); },
                [this](Peer* peer) { forget(peer); }};
  asio::basic_socket_acceptor<Tcp, Executor> acceptor{io};
  asio::steady_timer timer{io};
  asio::steady_timer pause{io};
  asio::signal_set signals{io};
  std::optional<asio::ssl::context> tls;
  std::unordered_set<Peer*> connections;
  Clock::time_point stop_by;
};

Server::Server(const ServerOptions& options, ListeningSocket socket, actors::Engine& engine,
               Auth& auth, Metrics& metrics)
    : impl_(std::make_unique<Impl>(options, std::move(socket), engine, auth, metrics)) {}

Server::~Server() = default;

void Server::run() { impl_->io.run(); }

void Server::stop() {
  asio::post(impl_->io, [this] { impl_->begin_stop(); });
}

}  // namespace toll::http
