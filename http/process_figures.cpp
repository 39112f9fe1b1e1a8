#include "http/process_figures.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>

namespace toll::http {

namespace {

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

double in_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double all = 0;
  double resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_files() {
  double count = -1;  // the one that looks
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

ProcessFigures::ProcessFigures(prometheus::Registry& registry)
    : cpu_(prometheus::BuildCounter()
               .Name("process_cpu_seconds_total")
               .Help("CPU time, user and system")
               .Register(registry)
               .Add({})),
      resident_(gauge(registry, "process_resident_memory_bytes", "Memory in use")),
      open_(gauge(registry, "process_open_fds", "Open file descriptors")),
      most_open_(gauge(registry, "process_max_fds", "Most open file descriptors")) {
  gauge(registry, "process_start_time_seconds", "When the process started, since 1970")
      .Set(static_cast<double>(std::time(nullptr)));
}

double ProcessFigures::update() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  cpu_.Increment(in_seconds(used.ru_utime) + in_seconds(used.ru_stime) - cpu_.Value());
  resident_.Set(resident_bytes());
  open_.Set(open_files());
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  most_open_.Set(static_cast<double>(files.rlim_cur));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since_).count();
}

}  // namespace toll::http
