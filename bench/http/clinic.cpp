#include "bench/http/clinic.hpp"

namespace toll::bench {

namespace {

constexpr std::size_t entries_page = 500;

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string grant_body(const std::vector<std::size_t>& members, const Names& names) {
  std::string body = "{\"patient_id\":" + quoted(id(names.patient, members.front())) +
                     ",\"units\":{\"voice\":1000000000},\"ends_at\":\"2999-01-01T00:00:00Z\"";
  for (std::size_t i = 1; i < members.size(); ++i) {
    body += (i == 1 ? ",\"members\":[" : ",") + quoted(id(names.patient, members[i]));
  }
  return body + (members.size() > 1 ? "]}" : "}");
}

std::vector<std::vector<std::size_t>> granted(const Work& work) {
  auto members = work.members();
  std::erase_if(members, [](const auto& people) { return people.empty(); });
  return members;
}

/// The sum of the integers behind each `part`.
std::int64_t sum(std::string_view body, std::string_view part) {
  std::int64_t sum = 0;
  for (std::size_t at = body.find(part); at != body.npos; at = body.find(part, at + 1)) {
    sum += std::stoll(std::string(body.substr(at + part.size(), 20)));
  }
  return sum;
}

/// Reads the entries of all doctors, page by page, on one connection each.
class Entries final : public Script {
 public:
  Entries(std::size_t doctors, const Names& names, std::size_t connections)
      : doctors_(doctors), names_(names), target_(connections) {}

  Next next(std::size_t connection, Clock::time_point, std::string& bytes) override {
    std::string& target = target_[connection];
    if (target.empty()) {
      if (doctors_ == 0) return Next::stop;
      target = "/v1/doctors/" + id(names_.doctor, --doctors_) +
               "/wallet/entries?limit=" + std::to_string(entries_page);
    }
    put_request(bytes, "GET", target);
    return Next::send;
  }

  bool answered(std::size_t connection, int status, std::string_view body) override {
    expect_success(status, body);
    found += sum(body, "\"units\":");
    std::string& target = target_[connection];
    const std::string_view field = "\"next_cursor\":\"";
    const std::size_t at = body.rfind(field);
    if (at == body.npos) {
      target.clear();
    } else {
      const std::size_t begin = at + field.size();
      target = target.substr(0, target.find("&cursor=")) +
               "&cursor=" + std::string(body.substr(begin, body.find('"', begin) - begin));
    }
    return false;
  }

  std::int64_t found = 0;

 private:
  std::size_t doctors_;
  Names names_;
  std::vector<std::string> target_;
};

}  // namespace

Work households(std::size_t patients) {
  constexpr std::size_t most = 1'000;
  return {Shape::uniform, patients, (patients + most - 1) / most};
}

void grant(Traffic& traffic, const Work& work, const Names& names) {
  const auto members = granted(work);
  Batch grants(members.size(), [&](std::size_t i, std::string& bytes) {
    put_request(bytes, "PUT", "/v1/subscriptions/" + id(names.subscription, i),
                grant_body(members[i], names));
  });
  traffic.run(grants);
}

void start_calls(Traffic& traffic, const Work& work, const Names& names, std::size_t first) {
  Batch starts(work.sessions(), [&](std::size_t i, std::string& bytes) {
    put_request(bytes, "POST", "/v1/sessions",
                "{\"id\":" + quoted(id(names.session, first + i)) +
                    ",\"channel\":\"voice\",\"patient_id\":" + quoted(id(names.patient, i)) +
                    ",\"doctor_id\":" + quoted(id(names.doctor, i)) + '}');
  });
  traffic.run(starts);
  Batch activations(work.sessions(), [&](std::size_t i, std::string& bytes) {
    put_request(bytes, "POST", "/v1/sessions/" + id(names.session, first + i) + "/activate");
  });
  traffic.run(activations);
}

void put_doctors(Traffic& traffic, std::size_t doctors, const Names& names) {
  Batch puts(doctors, [&](std::size_t i, std::string& bytes) {
    put_request(bytes, "PUT", "/v1/doctors/" + id(names.doctor, i));
  });
  traffic.run(puts);
}

Books read_books(Traffic& traffic, const Work& work, const Names& names) {
  return read_books(traffic, granted(work).size(), work.sessions(), names);
}

Books read_books(Traffic& traffic, std::size_t subscriptions, std::size_t doctors,
                 const Names& names) {
  Books books;
  Batch counters(
      subscriptions,
      [&](std::size_t i, std::string& bytes) {
        put_request(bytes, "GET", "/v1/subscriptions/" + id(names.subscription, i));
      },
      [&](std::string_view body) { books.taken += sum(body, "\"taken\":"); });
  traffic.run(counters);
  std::int64_t earned = 0;
  Batch wallets(
      doctors,
      [&](std::size_t i, std::string& bytes) {
        put_request(bytes, "GET", "/v1/doctors/" + id(names.doctor, i) + "/wallet");
      },
      [&](std::string_view body) { earned += read_number(body, "balance"); });
  traffic.run(wallets);
  books.earned = earned / unit_pay;
  Entries entries(doctors, names, traffic.connections());
  traffic.run(entries);
  books.entries = entries.found;
  return books;
}

void check_books(const Books& books, std::int64_t answered) {
  expect_in_books("units taken", books.taken, answered);
  expect_in_books("units paid", books.earned, answered);
  expect_in_books("entries", books.entries, answered);
}

}  // namespace toll::bench
