// Keeps a local copy of every doctor's balance by following the feed; needs no webhook.
//
//     node examples/follow.js http://127.0.0.1:8080 balances.json [TOKEN]
//
// The copy and the sequence number of the last event are one file, replaced in one step: started
// again after any interruption, it goes on where the file stands.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { Toll } from '../src/index.js';

const [url, file, token] = process.argv.slice(2);
const toll = new Toll(url, { token });

const copy = await readFile(file, 'utf8').then(JSON.parse, () => ({ seq: 0, balances: {} }));

/** What an event does to the balance of its doctor. */
function change({ type, amount }) {
  switch (type) {
    case 'charged':
    case 'ended':
    case 'withdrawal_rejected':
      return amount;
    case 'refunded':
    case 'withdrawal_requested':
      return -amount;
    default:
      return 0;
  }
}

for await (const event of toll.stream({ after: copy.seq })) {
  copy.seq = event.seq;
  const by = change(event);
  if (by) copy.balances[event.doctor_id] = (copy.balances[event.doctor_id] ?? 0) + by;
  await writeFile(`${file}.new`, JSON.stringify(copy));
  await rename(`${file}.new`, file);
  if (by) console.log(`${event.seq}: ${event.doctor_id} has ${copy.balances[event.doctor_id]}`);
}
