#include "tests/e2e/api.hpp"

#include <signal.h>

#include <catch2/catch.hpp>
#include <ctime>

namespace toll::test {

namespace {

Reply reply(const Response& response) {
  Json body = response.body.empty() ? Json() : Json::parse(response.body, nullptr, false);
  return {response.status, std::move(body), response.headers};
}

Json expect(const Reply& reply, int status) {
  INFO(reply.body.dump());
  REQUIRE(reply.status == status);
  return reply.body;
}

}  // namespace

std::string clock_time(std::int64_t after_midnight_ms) {
  const std::time_t seconds = 1'767'225'600 + after_midnight_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string millis = std::to_string(1000 + after_midnight_ms % 1000).substr(1);
  return std::string(text, size) + "." + millis + "Z";
}

std::string Reply::code() const {
  return body.is_object() && body.contains("code") ? body["code"].get<std::string>() : "";
}

Reply Api::get(const std::string& target) { return reply(client_.get(target)); }
Reply Api::post(const std::string& target, const Json& body) {
  return reply(client_.post(target, body.dump()));
}
Reply Api::put(const std::string& target, const Json& body) {
  return reply(client_.put(target, body.dump()));
}
Reply Api::patch(const std::string& target, const Json& body) {
  return reply(client_.patch(target, body.dump()));
}

Json Api::grant(const std::string& id, const std::string& patient, int units, Json more) {
  Json body{{"patient_id", patient},
            {"units", {{"text", units}, {"voice", units}, {"video", units}}},
            {"ends_at", far_end}};
  if (more.is_object()) body.update(more);
  return expect(put("/v1/subscriptions/" + id, body), 201);
}

Json start_body(const std::string& id, const std::string& channel, const std::string& patient,
                const std::string& doctor) {
  return {{"id", id}, {"channel", channel}, {"patient_id", patient}, {"doctor_id", doctor}};
}

Json Api::start(const std::string& id, const std::string& channel, const std::string& patient,
                const std::string& doctor) {
  return expect(post("/v1/sessions", start_body(id, channel, patient, doctor)), 201);
}
Json Api::open(const std::string& id, const std::string& channel, const std::string& patient,
               const std::string& doctor) {
  start(id, channel, patient, doctor);
  return expect(post("/v1/sessions/" + id + "/activate"), 200);
}
Json Api::session(const std::string& id) { return expect(get("/v1/sessions/" + id), 200); }
Json Api::deduct(const std::string& id) {
  return expect(post("/v1/sessions/" + id + "/deduct"), 200);
}
Json Api::end(const std::string& id, const std::string& by) {
  return expect(post("/v1/sessions/" + id + "/end", {{"ended_by", by}}), 200);
}
Json Api::units(const std::string& subscription, const std::string& channel) {
  return expect(get("/v1/subscriptions/" + subscription), 200)["units"][channel];
}
Json Api::wallet(const std::string& doctor) {
  return expect(get("/v1/doctors/" + doctor + "/wallet"), 200);
}
Json Api::lines(const std::string& session) {
  return expect(get("/v1/sessions/" + session + "/statement"), 200)["lines"];
}
void Api::advance(std::int64_t ms, bool run_timers) {
  expect(post("/v1/test/clock", {{"advance_ms", ms}, {"run_timers", run_timers}}), 200);
}

std::uint64_t Api::last_seq() {
  std::uint64_t after = 0;
  for (;;) {
    const Json page = expect(get("/v1/events?limit=500&after=" + std::to_string(after)), 200);
    if (page["items"].empty()) return after;
    after = page["next_after"].get<std::uint64_t>();
  }
}

std::vector<Json> all_pages(Api& api, const std::string& target, int limit,
                            const std::string& field, const std::function<void()>& before_page) {
  std::vector<Json> items;
  std::string cursor;
  for (;;) {
    before_page();
    const Json page = expect(api.get(target + (target.find('?') == target.npos ? "?" : "&") +
                                     "limit=" + std::to_string(limit) + cursor),
                             200);
    REQUIRE(page[field].size() <= static_cast<std::size_t>(limit));
    for (const auto& item : page[field]) items.push_back(item);
    if (page["next_cursor"].is_null()) return items;
    cursor = "&cursor=" + page["next_cursor"].get<std::string>();
  }
}

TestServer::TestServer(std::vector<std::string> options) : options_(std::move(options)) {
  crash_and_restart(0);
}

void TestServer::crash_and_restart(std::int64_t clock_ms) {
  if (server_) server_->stop(SIGKILL);
  std::vector<std::string> options = options_;
  options.insert(options.end(), {"--test-clock", clock_time(clock_ms)});
  server_ = std::make_unique<Server>(data(), options);
  api_ = std::make_unique<Api>(*server_);
}

}  // namespace toll::test
