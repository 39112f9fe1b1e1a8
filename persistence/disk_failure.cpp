#include "persistence/disk_failure.hpp"

#include <cstdio>
#include <cstdlib>

namespace toll::persistence {

DiskFailure::DiskFailure(std::function<void(const std::string&)> handler, bool deferred)
    : handler_(std::move(handler)), deferred_(deferred) {}

void DiskFailure::raise(const std::string& message) {
  failed_ = true;
  if (handler_) handler_(message);
  std::fprintf(stderr, "the disk failed: %s\n", message.c_str());
  std::abort();
}

void DiskFailure::note(const std::string& message) {
  if (!deferred_) raise(message);
  const std::lock_guard lock(mutex_);
  if (noted_.empty()) noted_ = message;
}

void DiskFailure::raise_noted() {
  std::string message;
  {
    const std::lock_guard lock(mutex_);
    message = noted_;
  }
  if (!message.empty()) raise(message);
}

}  // namespace toll::persistence
