// Makes dist/, the CommonJS form of src/: one file of its modules, in the order of their imports, and its types.
//
//     node build.js        npm runs it before it packs
import { mkdir, readFile, writeFile } from 'node:fs/promises';

const source = (name) => readFile(new URL(`src/${name}`, import.meta.url), 'utf8');
const imports = /^(?:import|export) [^;]*? from '\.\/([\w.-]+)';\n/gm;

/** The texts of a module and of those that it imports, each once and after its own imports. */
async function modules(name, seen = new Set()) {
  if (seen.has(name)) return [];
  seen.add(name);
  const text = await source(name);
  const texts = [];
  for (const [, imported] of text.matchAll(imports)) texts.push(...(await modules(imported, seen)));
  return [...texts, text.replace(imports, '')];
}

const plain = (texts) => texts.join('\n').replace(/^export /gm, '');
const names = (await source('index.js')).match(/\b[A-Z]\w+/g).join(', ');
const types = await Promise.all(['events.d.ts', 'index.d.ts'].map(source));
const dist = new URL('dist/', import.meta.url);
await mkdir(dist, { recursive: true });
await writeFile(new URL('index.cjs', dist), `'use strict';\n\n${plain(await modules('index.js'))}\nmodule.exports = { ${names} };\n`);
await writeFile(new URL('index.d.cts', dist), types.join('\n').replace(imports, ''));
