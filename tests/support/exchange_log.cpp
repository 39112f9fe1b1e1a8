#include "tests/support/exchange_log.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <nlohmann/json.hpp>
#include <unordered_set>

namespace toll::test {

namespace {

/// How the test binary was called: with the name of its test, when ctest runs it.
std::string command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string line{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (char& c : line) {
    if (c == '\0') c = ' ';
  }
  return line.substr(line.find(' ') + 1);
}

/// The text with every digit as 0 and every capital as A.
std::string shape(std::string text) {
  for (char& c : text) {
    if (c >= '0' && c <= '9') c = '0';
    if (c >= 'A' && c <= 'Z') c = 'A';
  }
  return text;
}

class Log {
 public:
  Log() {
    const char* directory = std::getenv("TOLL_EXCHANGES");
    if (!directory) return;
    file_.open(std::string(directory) + "/" + std::to_string(getpid()) + ".jsonl");
    test_ = command_line();
  }

  void append(const Exchange& exchange) {
    if (!file_.is_open()) return;
    const std::string line = exchange.method + ' ' + std::to_string(exchange.status) + ' ' +
                             shape(exchange.target + '\n' + exchange.request_type + '\n' +
                                   exchange.request_body + '\n' + exchange.body);
    const std::lock_guard lock(mutex_);
    if (!seen_.insert(std::hash<std::string>()(line)).second) return;
    const nlohmann::json json{{"test", test_},
                              {"method", exchange.method},
                              {"target", exchange.target},
                              {"request_type", exchange.request_type},
                              {"request_body", exchange.request_body},
                              {"status", exchange.status},
                              {"headers", exchange.headers},
                              {"body", exchange.body}};
    file_ << json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) << std::endl;
  }

 private:
  std::mutex mutex_;
  std::ofstream file_;
  std::string test_;
  std::unordered_set<std::size_t> seen_;
};

}  // namespace

void record(const Exchange& exchange) {
  static Log log;
  log.append(exchange);
}

}  // namespace toll::test
