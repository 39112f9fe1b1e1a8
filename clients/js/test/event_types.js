// The types of the feed against docs/EVENTS.md, for tsc to compare.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

/** The fields of each documented type, `?` behind those that may be absent. */
export async function documented() {
  const page = await readFile(new URL('../../../docs/EVENTS.md', import.meta.url), 'utf8');
  const words = (cell) => [...cell.matchAll(/`([a-z_?]+)`/g)].map(([, word]) => word);
  const rows = [...page.matchAll(/^\| (`[^|]*`) \|([^|]*)\|/gm)];
  const types = new Map(rows.flatMap(([, names, fields]) => words(names).map((name) => [name, words(fields)])));
  assert.ok(types.has('charged') && types.get('charged').includes('amount'), 'the page has another form');
  return types;
}

const union = (names) => (names.length > 0 ? names.map((name) => `'${name}'`).join(' | ') : 'never');

/** A program that compiles if the union has these types, and each of them these fields. */
export function typeChecks(types) {
  const checks = [...types].map(([type, fields]) => {
    const names = fields.map((field) => field.replace('?', ''));
    const optional = fields.filter((field) => field.endsWith('?')).map((field) => field.slice(0, -1));
    return `
      export const fields_${type}: Same<keyof Of<'${type}'>, ${union(['seq', 'at', 'type', ...names])}> = true;
      export const optional_${type}: Same<Optional<Of<'${type}'>>, ${union(optional)}> = true;`;
  });
  return `
    import { Toll, type TollEvent } from 'toll-client';
    type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
    type Of<Type> = Extract<TollEvent, { type: Type }>;
    type Optional<T> = { [K in keyof T]-?: {} extends Pick<T, K> ? K : never }[keyof T];
    export const types: Same<TollEvent['type'], ${union([...types.keys()])}> = true;
    ${checks.join('')}
    export async function earned(toll: Toll, doctor: string): Promise<number> {
      let sum = 0;
      for await (const event of toll.stream({ after: 0 })) {
        if (event.type === 'charged' && event.doctor_id === doctor) sum += event.amount;
        // @ts-expect-error: a grant has no amount
        if (event.type === 'granted') sum += event.amount;
      }
      await toll.startSession({ id: 1, channel: 'voice', patient_id: 2n, doctor_id: doctor }, { idempotencyKey: 'k' });
      return sum;
    }`;
}
