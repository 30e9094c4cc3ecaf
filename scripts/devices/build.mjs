import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * Builds data/devices.json, the table that ships, from data/sources/devices.json, the facts with their provenance.
 * `--check` writes nothing and fails when the file that is there is not byte for byte what would be built.
 *
 * To add a device: a row in `added` of the source file with the source of its figures (a new one goes into
 * `provenance`), then `npm run devices`. To correct one: a row in `corrections` that says why.
 */
const SOURCE = new URL('../../data/sources/devices.json', import.meta.url);
const TARGET = new URL('../../data/devices.json', import.meta.url);

/** Classes of the source tables by the class that ships; `soc` shares the system's memory. */
const CLASSES = { 'apple-silicon': 'soc' };

const device = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().min(2),
  kind: z.enum(['nvidia', 'apple', 'amd', 'intel']),
  class: z.enum(['desktop', 'laptop', 'workstation', 'datacenter', 'igpu', 'soc', 'apple-silicon']),
  memoryGib: z.number().positive().max(1024).optional(),
  bandwidthGBps: z.number().min(10).max(20_000),
  memoryType: z.string().optional(),
  gpuCores: z.number().int().positive().optional(),
  source: z.string(),
  otherTables: z.record(z.string(), z.number()).optional(),
  url: z.url().optional(),
  driverNames: z.array(z.string().min(2)).optional(),
});

const sourceFile = z.strictObject({
  about: z.string(),
  provenance: z.record(
    z.string(),
    z.strictObject({
      text: z.string(),
      licence: z.string().nullable(),
      url: z.url().optional(),
      commit: z.string().optional(),
      path: z.string().optional(),
    }),
  ),
  dropped: z.array(z.strictObject({ id: z.string(), why: z.string() })),
  corrections: z.array(z.strictObject({ id: z.string(), set: device.partial(), why: z.string() })),
  driverNames: z.record(z.string(), z.array(z.string())),
  added: z.array(device),
  devices: z.array(device),
});

/** The text of data/devices.json. Throws where the source contradicts itself. */
function build(source) {
  const rows = new Map();
  for (const row of [...source.devices, ...source.added]) {
    if (rows.has(row.id)) throw new Error(`two devices have the id ${row.id}`);
    rows.set(row.id, row);
  }
  const existing = (id, where) => {
    const row = rows.get(id);
    if (!row) throw new Error(`${where} names ${id}, which is no device`);
    return row;
  };
  for (const { id } of source.dropped) {
    existing(id, 'dropped');
    rows.delete(id);
  }
  for (const { id, set } of source.corrections) rows.set(id, { ...existing(id, 'corrections'), ...set });
  for (const [id, driverNames] of Object.entries(source.driverNames))
    rows.set(id, { ...existing(id, 'driverNames'), driverNames });

  const devices = [...rows.values()]
    .map((row) => ({
      id: row.id,
      names: [row.name, ...(row.driverNames ?? [])],
      kind: row.kind,
      class: CLASSES[row.class] ?? row.class,
      memoryGib: row.memoryGib,
      bandwidthGBps: row.bandwidthGBps,
      gpuCores: row.gpuCores,
      source: row.source,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const used = new Set(devices.map((row) => row.source));
  for (const key of used) if (!source.provenance[key]) throw new Error(`no provenance for the source ${key}`);
  const sources = Object.entries(source.provenance)
    .filter(([key]) => used.has(key))
    .map(([key, { text, url, licence }]) => [key, [text, licence, url].filter(Boolean).join('; ')]);
  const lines = (items) => items.map((item) => `  ${item}`).join(',\n');
  return [
    '{',
    ' "format": 1,',
    ' "builtFrom": "data/sources/devices.json by scripts/devices/build.mjs; edit there",',
    ` "sources": {\n${lines(sources.map(([key, text]) => `${JSON.stringify(key)}: ${JSON.stringify(text)}`))}\n },`,
    ` "devices": [\n${lines(devices.map((row) => JSON.stringify(row)))}\n ]`,
    '}',
    '',
  ].join('\n');
}

const text = build(sourceFile.parse(JSON.parse(readFileSync(SOURCE, 'utf8'))));
if (process.argv.includes('--check')) {
  if (readFileSync(TARGET, 'utf8') !== text) {
    console.error('data/devices.json is not what data/sources/devices.json builds: run `npm run devices`.');
    process.exitCode = 1;
  }
} else {
  writeFileSync(TARGET, text);
  console.log(
    `data/devices.json: ${text.split('{"id"').length - 1} devices, ${Buffer.byteLength(text)} bytes`,
  );
}
