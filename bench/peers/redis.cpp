// Redis: one Lua script, which the server runs as a whole; the client loads it once.
#include <hiredis/hiredis.h>

#include <stdexcept>
#include <vector>

#include "bench/peers/peer.hpp"

namespace toll::bench {

namespace {

constexpr const char* script = R"(
local s = redis.call('HMGET', KEYS[1], 'active', 'processed', 'subscription', 'doctor')
local processed = tonumber(s[2])
if s[1] ~= '1' or processed >= tonumber(ARGV[1]) then return 0 end
local key = 'subscription:' .. s[3]
local u = redis.call('HMGET', key, 'granted', 'taken', 'held')
if tonumber(u[1]) - tonumber(u[2]) - tonumber(u[3]) < 1 then return 0 end
redis.call('HINCRBY', KEYS[1], 'processed', 1)
redis.call('HINCRBY', key, 'taken', 1)
redis.call('RPUSH', 'entries:' .. s[4], KEYS[1] .. ' ' .. (processed + 1) .. ' ' .. s[3] .. ' 350000')
redis.call('HINCRBY', 'wallet:' .. s[4], 'balance', 350000)
return 1)";

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

class RedisLink final : public PolledLink {
 public:
  explicit RedisLink(const std::string& where) : context_(redisConnectUnix(where.c_str())) {
    if (!context_ || context_->err) throw std::runtime_error("redis: cannot connect to " + where);
    script_ = run({"SCRIPT", "LOAD", script})->str;
  }
  ~RedisLink() override { redisFree(context_); }

  Reply run(const std::vector<std::string>& words) {
    append(words);
    return wait();
  }

  void append(const std::vector<std::string>& words) {
    std::vector<const char*> pointers;
    std::vector<std::size_t> lengths;
    for (const std::string& word : words) {
      pointers.push_back(word.data());
      lengths.push_back(word.size());
    }
    redisAppendCommandArgv(context_, static_cast<int>(words.size()), pointers.data(),
                           lengths.data());
  }

  Reply wait() {
    void* answer = nullptr;
    redisGetReply(context_, &answer);
    return checked(answer);
  }

  int deduct(const Request& request) override {
    send(request);
    return static_cast<int>(wait()->integer);
  }

  int socket() const override { return context_->fd; }

  void send(const Request& request) override {
    append({"EVALSHA", script_, "1", "session:" + std::to_string(request.session),
            std::to_string(request.round)});
    for (int done = 0; !done;) {
      if (redisBufferWrite(context_, &done) != REDIS_OK) fail();
    }
  }

  std::optional<int> receive() override {
    void* answer = nullptr;
    if (redisBufferRead(context_) != REDIS_OK) fail();
    if (redisGetReplyFromReader(context_, &answer) != REDIS_OK) fail();
    if (!answer) return std::nullopt;
    return static_cast<int>(checked(answer)->integer);
  }

 private:
  Reply checked(void* answer) {
    Reply reply(static_cast<redisReply*>(answer));
    if (!reply) fail();
    if (reply->type == REDIS_REPLY_ERROR)
      throw std::runtime_error("redis: " + std::string(reply->str));
    return reply;
  }

  [[noreturn]] void fail() { throw std::runtime_error("redis: " + std::string(context_->errstr)); }

  redisContext* context_;
  std::string script_;
};

class Redis final : public Peer {
 public:
  Redis(const std::string& where, const Work& work) : where_(where), work_(work) {}

  void fill(const Work& work) override {
    RedisLink link(where_);
    const Reply synced = link.run({"CONFIG", "GET", "appendfsync"});
    if (synced->elements != 2 || synced->element[1]->str != std::string("always")) {
      throw std::runtime_error("redis: appendfsync is not always");
    }
    link.run({"FLUSHALL"});
    for (std::size_t i = 0; i < work.subscriptions(); ++i) {
      link.append({"HSET", "subscription:" + std::to_string(i), "granted", "1000000000000", "taken",
                   "0", "held", "1000000"});
    }
    for (std::size_t i = 0; i < work.subscriptions(); ++i) link.wait();
    for (std::size_t i = 0; i < work.sessions(); ++i) {
      link.append({"HSET", "session:" + std::to_string(i), "active", "1", "processed", "0",
                   "subscription", std::to_string(work.subscription_of(i)), "doctor",
                   std::to_string(i)});
    }
    for (std::size_t i = 0; i < work.sessions(); ++i) link.wait();
  }

  std::unique_ptr<Link> connect() override { return std::make_unique<RedisLink>(where_); }

  PeerBooks books() override {
    RedisLink link(where_);
    const auto sum = [&](std::size_t count, const char* command, const std::string& key,
                         const char* field) {
      for (std::size_t i = 0; i < count; ++i) {
        std::vector<std::string> words{command, key + std::to_string(i)};
        if (field) words.emplace_back(field);
        link.append(words);
      }
      std::int64_t total = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const Reply reply = link.wait();
        if (reply->type == REDIS_REPLY_INTEGER) total += reply->integer;
        if (reply->type == REDIS_REPLY_STRING) total += std::stoll(reply->str);
      }
      return total;
    };
    return {sum(work_.subscriptions(), "HGET", "subscription:", "taken"),
            sum(work_.sessions(), "HGET", "session:", "processed"),
            sum(work_.sessions(), "LLEN", "entries:", nullptr),
            sum(work_.sessions(), "HGET", "wallet:", "balance")};
  }

 private:
  std::string where_;
  const Work& work_;
};

}  // namespace

std::unique_ptr<Peer> redis(const std::string& where, const Work& work) {
  return std::make_unique<Redis>(where, work);
}

}  // namespace toll::bench
