#include "http/streams.hpp"

#include "http/event_stream.hpp"

namespace toll::http {

void Streams::opened(EventStream* stream) {
  open_.insert(stream);
  metrics_.set_streams(open_.size());
}

void Streams::closed(EventStream* stream) {
  open_.erase(stream);
  metrics_.set_streams(open_.size());
}

void Streams::wake_beyond(billing::Seq seq) {
  if (waiting_) return;
  waiting_ = true;
  engine_.when_beyond(seq, shared_from_this());
}

void Streams::durable() noexcept { outbox_.push(shared_from_this()); }

void Streams::deliver() {
  waiting_ = false;
  const std::vector<EventStream*> all(open_.begin(), open_.end());
  for (EventStream* stream : all) stream->journal_grew();
}

}  // namespace toll::http
