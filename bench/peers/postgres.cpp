// PostgreSQL: the application's transaction, statement by statement as an application sends it, and
// the same as one stored function. All statements are prepared.
#include <libpq-fe.h>

#include <array>
#include <stdexcept>

#include "bench/peers/peer.hpp"

namespace toll::bench {

namespace {

// Rows change in place: room for new versions in each page, and no index on what changes (HOT).
constexpr const char* schema = R"(
set client_min_messages = warning;
drop table if exists entries, wallets, sessions, subscriptions;
create table subscriptions (id bigint primary key, granted bigint not null, taken bigint not null,
  held bigint not null) with (fillfactor = 50);
create table sessions (id bigint primary key, subscription bigint not null, doctor bigint not null,
  active boolean not null, processed bigint not null) with (fillfactor = 50);
create table wallets (doctor bigint primary key, balance bigint not null) with (fillfactor = 50);
create table entries (id bigint generated always as identity primary key, doctor bigint not null,
  session bigint not null, interval_no bigint not null, subscription bigint not null,
  amount bigint not null, at timestamptz not null default now());
create or replace function deduct(which bigint, round bigint) returns int language plpgsql as $$
declare s sessions; u subscriptions;
begin
  select * into s from sessions where id = which for update;
  if not s.active or s.processed >= round then return 0; end if;
  select * into u from subscriptions where id = s.subscription for update;
  if u.granted - u.taken - u.held < 1 then return 0; end if;
  update sessions set processed = processed + 1 where id = which;
  update subscriptions set taken = taken + 1 where id = s.subscription;
  insert into entries (doctor, session, interval_no, subscription, amount)
    values (s.doctor, which, s.processed + 1, s.subscription, 350000);
  update wallets set balance = balance + 350000 where doctor = s.doctor;
  return 1;
end $$;)";

constexpr std::array statements{
    "select subscription, doctor, active, processed from sessions where id = $1 for update",
    "select granted - taken - held from subscriptions where id = $1 for update",
    "update sessions set processed = processed + 1 where id = $1",
    "update subscriptions set taken = taken + 1 where id = $1",
    "insert into entries (doctor, session, interval_no, subscription, amount) "
    "values ($1::bigint, $2::bigint, $3::bigint, $4::bigint, 350000)",
    "update wallets set balance = balance + 350000 where doctor = $1",
    "select deduct($1::bigint, $2::bigint)",
    "begin",
    "commit",
    "rollback"};
enum Statement { session, subscription, use, take, enter, pay, function, begin, commit, rollback };

class Result {
 public:
  explicit Result(PGresult* result, PGconn* connection) : result_(result) {
    const auto status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
    PQclear(result);
    throw std::runtime_error(std::string("postgres: ") + PQerrorMessage(connection));
  }
  ~Result() { PQclear(result_); }
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;
  std::string text(int column) const { return PQgetvalue(result_, 0, column); }
  std::int64_t number(int column) const { return std::stoll(text(column)); }

 private:
  PGresult* result_;
};

class PostgresLink final : public Link {
 public:
  PostgresLink(const std::string& where, bool stored_function)
      : connection_(PQconnectdb(("host=" + where + " dbname=postgres").c_str())),
        stored_function_(stored_function) {
    if (PQstatus(connection_) != CONNECTION_OK)
      throw std::runtime_error(PQerrorMessage(connection_));
  }
  ~PostgresLink() override { PQfinish(connection_); }

  void prepare() {
    for (std::size_t i = 0; i < statements.size(); ++i) {
      Result(PQprepare(connection_, std::to_string(i).c_str(), statements[i], 0, nullptr),
             connection_);
    }
  }

  Result run(const char* sql) { return Result(PQexec(connection_, sql), connection_); }

  int deduct(const Request& request) override {
    const std::string id = std::to_string(request.session);
    if (stored_function_) {
      return static_cast<int>(execute(function, {id, std::to_string(request.round)}).number(0));
    }
    execute(begin, {});
    const Result found = execute(session, {id});
    const std::int64_t processed = found.number(3);
    if (found.text(2) != "t" || processed >= request.round) return give_up();
    const std::string drawn_on = found.text(0), doctor = found.text(1);
    if (execute(subscription, {drawn_on}).number(0) < 1) return give_up();
    execute(use, {id});
    execute(take, {drawn_on});
    execute(enter, {doctor, id, std::to_string(processed + 1), drawn_on});
    execute(pay, {doctor});
    execute(commit, {});
    return 1;
  }

 private:
  int give_up() {
    execute(rollback, {});
    return 0;
  }

  Result execute(Statement statement, std::initializer_list<std::string> values) {
    std::array<const char*, 4> pointers{};
    std::size_t count = 0;
    for (const std::string& value : values) pointers[count++] = value.c_str();
    return Result(PQexecPrepared(connection_, std::to_string(statement).c_str(),
                                 static_cast<int>(count), pointers.data(), nullptr, nullptr, 0),
                  connection_);
  }

  PGconn* connection_;
  const bool stored_function_;
};

class Postgres final : public Peer {
 public:
  Postgres(const std::string& where, bool stored_function)
      : where_(where), stored_function_(stored_function) {}

  void fill(const Work& work) override {
    PostgresLink link(where_, false);
    const Result durable = link.run(
        "select count(*) from pg_settings where setting = 'on' and "
        "name in ('fsync', 'synchronous_commit', 'full_page_writes')");
    expect_in_books("number of durable settings", durable.number(0), 3);
    link.run(schema);
    link.run(
        ("insert into subscriptions select i, 1000000000000, 0, 1000000 from generate_series(0, " +
         std::to_string(work.subscriptions() - 1) + ") i")
            .c_str());
    std::string rows;
    for (std::size_t i = 0; i < work.sessions(); ++i) {
      rows += (rows.empty() ? "(" : ",(") + std::to_string(i) + ',' +
              std::to_string(work.subscription_of(i)) + ',' + std::to_string(i) + ",true,0)";
      if (rows.size() < 1'000'000 && i + 1 < work.sessions()) continue;
      link.run(("insert into sessions values " + rows).c_str());
      rows.clear();
    }
    link.run("insert into wallets select doctor, 0 from sessions");
    link.run("vacuum analyze");
    link.run("checkpoint");
  }

  std::unique_ptr<Link> connect() override {
    auto link = std::make_unique<PostgresLink>(where_, stored_function_);
    link->prepare();
    return link;
  }

  PeerBooks books() override {
    PostgresLink link(where_, false);
    const Result sums = link.run(
        "select (select sum(taken) from subscriptions), (select sum(processed) from sessions), "
        "(select count(*) from entries), (select sum(balance) from wallets)");
    return {sums.number(0), sums.number(1), sums.number(2), sums.number(3)};
  }

 private:
  std::string where_;
  bool stored_function_;
};

}  // namespace

std::unique_ptr<Peer> postgres(const std::string& where, bool stored_function, const Work&) {
  return std::make_unique<Postgres>(where, stored_function);
}

}  // namespace toll::bench
