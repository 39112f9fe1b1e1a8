// Grants units, bills a chat and prints its statement.
//
//     node examples/chat.js http://127.0.0.1:8080 [TOKEN]
import { NoUnits, Toll } from '../src/index.js';

const toll = new Toll(process.argv[2], { token: process.argv[3] });
const [subscription, patient, doctor] = ['subscription', 'patient', 'doctor'].map((kind) => `example-${kind}`);

await toll.putSubscription(subscription, {
  patient_id: patient,
  units: { text: 10 },
  starts_at: '2026-01-01T00:00:00Z',
  ends_at: '2099-01-01T00:00:00Z',
});
try {
  const { id } = await toll.startSession({ channel: 'text', patient_id: patient, doctor_id: doctor });
  await toll.activate(id);
  await toll.end(id, { ended_by: 'patient' });
  const { session, lines } = await toll.statement(id);
  console.log(`${session.id}: ${session.status}, ${session.sessions_used} units`);
  for (const { at, kind, units, pay } of lines) {
    console.log(`${at}  ${kind}  ${units}  ${pay.amount} ${pay.currency}`);
  }
} catch (error) {
  if (!(error instanceof NoUnits)) throw error;
  console.log('The patient has no unit left: top up, or sell a new subscription.');
}
