#include "actors/loading.hpp"

#include "actors/directory.hpp"

namespace toll::actors {

namespace {

template <class Row>
Loaded loaded(const persistence::Rows& rows, std::optional<Row> row) {
  Loaded message;
  message.at = rows.applied();
  if (row) message.row = std::move(*row);
  return message;
}

}  // namespace

void load_row(const Context& context, const std::string& session, SessionActor actor) {
  context.storage->read(0, [session, actor](const persistence::Rows& rows) {
    caf::anon_send(actor, loaded(rows, rows.session(session)));
  });
}

void load_row(const Context& context, const std::string& subscription, SubscriptionActor actor) {
  context.storage->read(0, [subscription, actor](const persistence::Rows& rows) {
    caf::anon_send(actor, loaded(rows, rows.subscription(subscription)));
  });
}

void load_wallet(const Context& context, const std::string& doctor, const std::string& withdrawal,
                 DoctorActor actor) {
  const auto read = [doctor, withdrawal, actor](const persistence::Rows& rows) {
    Loaded message = loaded(rows, rows.doctor(doctor));
    if (!withdrawal.empty()) message.withdrawal = rows.withdrawal(withdrawal);
    caf::anon_send(actor, std::move(message));
  };
  context.storage->read(context.journal->last(), read);
}

void find_withdrawal(const Context& context, const AskPtr& ask, const std::string& id) {
  const auto read = [ask, id, directory = context.directory](const persistence::Rows& rows) {
    const auto found = rows.withdrawal(id);
    directory->found_withdrawal(ask, found ? std::optional(found->doctor) : std::nullopt);
  };
  context.storage->read(context.journal->last(), read);
}

}  // namespace toll::actors
