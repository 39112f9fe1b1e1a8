// TLS of the real server, as its operator and a stranger's client see it.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "tests/e2e/api.hpp"
#include "tests/support/certificate.hpp"

using namespace toll::test;

namespace {

Finished curl(const std::string& certificate, std::uint16_t port, std::vector<std::string> more) {
  std::vector<std::string> command{"/usr/bin/curl", "-sS",      "--max-time", "20",
                                   "--cacert",      certificate};
  command.insert(command.end(), more.begin(), more.end());
  command.push_back("https://127.0.0.1:" + std::to_string(port) + "/livez");
  return run(command);
}

void copy(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
}

template <class Happened>
void await(const std::string& what, Happened happened) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!happened()) {
    if (std::chrono::steady_clock::now() > give_up) FAIL("never: " << what);
  }
}

}  // namespace

TEST_CASE("curl speaks TLS with the server, on one connection") {
  const Certificate certificate;
  TempDir dir;
  Server server(dir / "data", {"--tls-cert", certificate.file(), "--tls-key", certificate.key()});
  const std::string again = "https://127.0.0.1:" + std::to_string(server.port()) + "/readyz";
  const Finished both = curl(certificate.file(), server.port(), {"-w", " %{num_connects} ", again});
  INFO(both.errors);
  CHECK(both.status == 0);
  CHECK(both.output == R"({"status":"ready"} 1 {"status":"ok"} 0 )");
  const Certificate stranger;
  CHECK(curl(stranger.file(), server.port(), {}).status != 0);
  CHECK(server.stop(SIGTERM) == 0);
}

TEST_CASE("SIGHUP takes a new certificate, and keeps the old one when the new one is bad") {
  const Certificate first("first"), second("second");
  TempDir dir;
  const std::string file = dir / "cert.pem", key = dir / "key.pem";
  copy(first.file(), file);
  copy(first.key(), key);
  Server server(dir / "data", {"--tls-cert", file, "--tls-key", key});
  CHECK(curl(first.file(), server.port(), {}).status == 0);
  copy(second.file(), file);
  copy(second.key(), key);
  server.signal(SIGHUP);
  await("the second certificate",
        [&] { return curl(second.file(), server.port(), {}).status == 0; });
  write_file(file, "not a certificate");
  server.signal(SIGHUP);
  await("the complaint in the log",
        [&] { return server.errors().find("certificate_kept") != std::string::npos; });
  CHECK(curl(second.file(), server.port(), {}).status == 0);
  CHECK(server.stop(SIGTERM) == 0);
}

TEST_CASE("a server that cannot speak TLS as it is told does not start, and says why") {
  const Certificate one, other;
  TempDir dir;
  struct Case {
    std::vector<std::string> options;
    std::string reason;
  };
  for (const Case& c :
       {Case{{"--tls-cert", one.file()}, "--tls-key"}, Case{{"--tls-key", one.key()}, "--tls-cert"},
        Case{{"--tls-cert", one.file(), "--tls-key", other.key()}, "mismatch"},
        Case{{"--tls-cert", "/nowhere.pem", "--tls-key", one.key()}, "/nowhere.pem"},
        Case{{"--tls-cert", one.file(), "--tls-key", one.key(), "--listen", "0.0.0.0:0"},
             "loopback"}}) {
    std::vector<std::string> command{tolld_path(), "--data", dir / "data", "--auth", "off"};
    command.insert(command.end(), c.options.begin(), c.options.end());
    const Finished refused = run(command);
    INFO(refused.errors);
    CHECK(refused.status != 0);
    CHECK(refused.output.empty());
    CHECK(refused.errors.find(c.reason) != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(dir / "data"));
}
