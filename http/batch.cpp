#include "http/batch.hpp"

#include <atomic>

namespace toll::http {

namespace {

/// What the answers of one request have in common.
struct Gathering {
  std::vector<actors::Answer> answers;
  std::atomic<std::size_t> missing;
  std::function<void(std::vector<actors::Answer>&&)> done;
};

class ItemAsker final : public actors::Asker {
 public:
  ItemAsker(std::shared_ptr<Gathering> gathering, std::size_t place)
      : gathering_(std::move(gathering)), place_(place) {}

  void answered(actors::Answer&& answer) noexcept override {
    gathering_->answers[place_] = std::move(answer);
    if (--gathering_->missing == 0) gathering_->done(std::move(gathering_->answers));
  }

 private:
  std::shared_ptr<Gathering> gathering_;
  std::size_t place_;
};

}  // namespace

void submit_all(actors::Engine& engine, std::vector<actors::Command> commands,
                std::function<void(std::vector<actors::Answer>&&)> done) {
  if (commands.empty()) return done({});
  const auto gathering = std::make_shared<Gathering>();
  gathering->answers.resize(commands.size());
  gathering->missing = commands.size();
  gathering->done = std::move(done);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    engine.submit(std::move(commands[i]), std::make_shared<ItemAsker>(gathering, i));
  }
}

}  // namespace toll::http
