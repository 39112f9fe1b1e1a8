// Self-signed certificates for tests, made by the openssl tool.
#pragma once

#include <cstdlib>
#include <stdexcept>

#include "tests/support/temporary_directory.hpp"

namespace toll::test {

class Certificate {
 public:
  explicit Certificate(const std::string& name = "localhost") {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
        "/CN=" +
        name + " -addext subjectAltName=IP:127.0.0.1 -keyout " + key() + " -out " + file() +
        " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl req failed");
  }

  std::string file() const { return directory_.inside("cert.pem"); }
  std::string key() const { return directory_.inside("key.pem"); }

 private:
  TemporaryDirectory directory_;
};

}  // namespace toll::test
