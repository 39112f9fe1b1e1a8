#include "actors/loading.hpp"

namespace toll::actors {

namespace {

template <class Actor, class Row>
void send_loaded(const Actor& actor, std::optional<Row> row) {
  Loaded loaded;
  if (row) loaded.row = std::move(*row);
  caf::anon_send(actor, std::move(loaded));
}

}  // namespace

void load_row(const Context& context, const std::string& session, SessionActor actor) {
  context.storage->read(0, [session, actor](const persistence::Rows& rows) {
    send_loaded(actor, rows.session(session));
  });
}

void load_row(const Context& context, const std::string& subscription, SubscriptionActor actor) {
  context.storage->read(0, [subscription, actor](const persistence::Rows& rows) {
    send_loaded(actor, rows.subscription(subscription));
  });
}

void load_wallet(const Context& context, const std::string& doctor, DoctorActor actor) {
  context.storage->read(context.journal->last(), [doctor, actor](const persistence::Rows& rows) {
    send_loaded(actor, rows.doctor(doctor));
  });
}

}  // namespace toll::actors
