// MariaDB: the application's transaction, statement by statement as an application sends it, and
// the same as one stored function. All statements are prepared.
#include <mysql.h>

#include <array>
#include <stdexcept>

#include "bench/peers/peer.hpp"

namespace toll::bench {

namespace {

constexpr const char* schema[] = {
    "drop database if exists toll",
    "create database toll",
    "use toll",
    "create table subscriptions (id bigint primary key, granted bigint not null, taken bigint not "
    "null, held bigint not null) engine = innodb",
    "create table sessions (id bigint primary key, subscription bigint not null, doctor bigint not "
    "null, active bigint not null, processed bigint not null) engine = innodb",
    "create table wallets (doctor bigint primary key, balance bigint not null) engine = innodb",
    "create table entries (id bigint primary key auto_increment, doctor bigint not null, session "
    "bigint not null, interval_no bigint not null, subscription bigint not null, amount bigint not "
    "null, at timestamp(3) not null default current_timestamp(3)) engine = innodb",
    R"(create function deduct(which bigint, round bigint) returns bigint modifies sql data
begin
  declare s_active, s_processed, s_subscription, s_doctor, u_free bigint;
  select active, processed, subscription, doctor
    into s_active, s_processed, s_subscription, s_doctor from sessions where id = which for update;
  if s_active = 0 or s_processed >= round then return 0; end if;
  select granted - taken - held into u_free from subscriptions where id = s_subscription for update;
  if u_free < 1 then return 0; end if;
  update sessions set processed = processed + 1 where id = which;
  update subscriptions set taken = taken + 1 where id = s_subscription;
  insert into entries (doctor, session, interval_no, subscription, amount)
    values (s_doctor, which, s_processed + 1, s_subscription, 350000);
  update wallets set balance = balance + 350000 where doctor = s_doctor;
  return 1;
end)"};

constexpr std::array statements{
    "select subscription, doctor, active, processed from sessions where id = ? for update",
    "select granted - taken - held from subscriptions where id = ? for update",
    "update sessions set processed = processed + 1 where id = ?",
    "update subscriptions set taken = taken + 1 where id = ?",
    "insert into entries (doctor, session, interval_no, subscription, amount) values (?, ?, ?, ?, "
    "350000)",
    "update wallets set balance = balance + 350000 where doctor = ?",
    "select deduct(?, ?)"};
enum Statement { session, subscription, use, take, enter, pay, function };

class MariaLink final : public Link {
 public:
  MariaLink(const std::string& where, bool stored_function) : stored_function_(stored_function) {
    mysql_init(&connection_);
    if (!mysql_real_connect(&connection_, nullptr, "root", nullptr, nullptr, 0, where.c_str(), 0)) {
      fail();
    }
  }
  ~MariaLink() override {
    for (MYSQL_STMT* statement : prepared_) {
      if (statement) mysql_stmt_close(statement);
    }
    mysql_close(&connection_);
  }

  void prepare() {
    run("use toll");
    run("set session transaction isolation level read committed");
    for (std::size_t i = 0; i < statements.size(); ++i) {
      prepared_[i] = mysql_stmt_init(&connection_);
      const std::string_view text = statements[i];
      if (mysql_stmt_prepare(prepared_[i], text.data(), text.size()) != 0) fail();
    }
  }

  void run(const std::string& sql) {
    if (mysql_real_query(&connection_, sql.data(), sql.size()) != 0) fail();
  }

  std::array<std::int64_t, 4> row(const std::string& sql) {
    run(sql);
    MYSQL_RES* result = mysql_store_result(&connection_);
    const MYSQL_ROW texts = result ? mysql_fetch_row(result) : nullptr;
    if (!texts) fail();
    std::array<std::int64_t, 4> numbers{};
    for (unsigned i = 0; i < mysql_num_fields(result); ++i) numbers[i] = std::stoll(texts[i]);
    mysql_free_result(result);
    return numbers;
  }

  int deduct(const Request& request) override {
    const auto id = static_cast<std::int64_t>(request.session);
    if (stored_function_) return static_cast<int>(execute(function, {id, request.round}, 1)[0]);
    run("begin");
    const auto [drawn_on, doctor, active, processed] = execute(session, {id}, 4);
    if (active == 0 || processed >= request.round) return give_up();
    if (execute(subscription, {drawn_on}, 1)[0] < 1) return give_up();
    execute(use, {id}, 0);
    execute(take, {drawn_on}, 0);
    execute(enter, {doctor, id, processed + 1, drawn_on}, 0);
    execute(pay, {doctor}, 0);
    run("commit");
    return 1;
  }

 private:
  int give_up() {
    run("rollback");
    return 0;
  }

  /// Every parameter and every column is an integer.
  std::array<std::int64_t, 4> execute(Statement which, std::array<std::int64_t, 4> values,
                                      std::size_t columns) {
    MYSQL_STMT* statement = prepared_[which];
    std::array<MYSQL_BIND, 4> in = bound(values);
    if (mysql_stmt_bind_param(statement, in.data()) != 0) fail(statement);
    if (mysql_stmt_execute(statement) != 0) fail(statement);
    std::array<std::int64_t, 4> found{};
    if (columns == 0) return found;
    std::array<MYSQL_BIND, 4> out = bound(found);
    if (mysql_stmt_bind_result(statement, out.data()) != 0) fail(statement);
    if (mysql_stmt_store_result(statement) != 0 || mysql_stmt_fetch(statement) != 0)
      fail(statement);
    mysql_stmt_free_result(statement);
    return found;
  }

  static std::array<MYSQL_BIND, 4> bound(std::array<std::int64_t, 4>& values) {
    std::array<MYSQL_BIND, 4> bound{};
    for (std::size_t i = 0; i < values.size(); ++i) {
      bound[i].buffer_type = MYSQL_TYPE_LONGLONG;
      bound[i].buffer = &values[i];
    }
    return bound;
  }

  [[noreturn]] void fail() {
    throw std::runtime_error(std::string("mariadb: ") + mysql_error(&connection_));
  }
  [[noreturn]] void fail(MYSQL_STMT* statement) {
    throw std::runtime_error(std::string("mariadb: ") + mysql_stmt_error(statement));
  }

  MYSQL connection_;
  std::array<MYSQL_STMT*, statements.size()> prepared_{};
  const bool stored_function_;
};

class Maria final : public Peer {
 public:
  Maria(const std::string& where, bool stored_function)
      : where_(where), stored_function_(stored_function) {}

  void fill(const Work& work) override {
    MariaLink link(where_, false);
    const auto durable = link.row("select @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite");
    expect_in_books("flush at commit", durable[0], 1);
    expect_in_books("doublewrite", durable[1], 1);
    for (const char* statement : schema) link.run(statement);
    link.run("insert into subscriptions select seq, 1000000000000, 0, 1000000 from seq_0_to_" +
             std::to_string(work.subscriptions() - 1));
    std::string rows;
    for (std::size_t i = 0; i < work.sessions(); ++i) {
      rows += (rows.empty() ? "(" : ",(") + std::to_string(i) + ',' +
              std::to_string(work.subscription_of(i)) + ',' + std::to_string(i) + ",1,0)";
      if (rows.size() < 500'000 && i + 1 < work.sessions()) continue;
      link.run("insert into sessions values " + rows);
      rows.clear();
    }
    link.run("insert into wallets select doctor, 0 from sessions");
  }

  std::unique_ptr<Link> connect() override {
    auto link = std::make_unique<MariaLink>(where_, stored_function_);
    link->prepare();
    return link;
  }

  PeerBooks books() override {
    const auto sums = MariaLink(where_, false)
                          .row(
                              "select (select sum(taken) from toll.subscriptions), (select "
                              "sum(processed) from toll.sessions), (select count(*) from "
                              "toll.entries), (select sum(balance) from toll.wallets)");
    return {sums[0], sums[1], sums[2], sums[3]};
  }

 private:
  std::string where_;
  bool stored_function_;
};

}  // namespace

std::unique_ptr<Peer> mariadb(const std::string& where, bool stored_function, const Work&) {
  return std::make_unique<Maria>(where, stored_function);
}

}  // namespace toll::bench
