/**
 * Joins the facts about models: one row per model, under its present id, with the corrections and the shape of the
 * model it was made from. Throws where the sources contradict themselves or a correction has become idle.
 */
export function joinModels(sources, catalog) {
  const { corrections, identity } = sources;
  const idOf = (id) => identity.aliases[catalog.presentId(id)]?.id ?? catalog.presentId(id);
  const models = new Map();
  const aliases = new Map();
  for (const row of [...sources.models, ...sources.scoreOnlyModels]) {
    const id = idOf(row.id);
    if (Object.hasOwn(corrections.leftOut, row.id)) continue;
    if (id !== row.id) aliases.set(id, [...(aliases.get(id) ?? []), row.id]);
    // The row under the present name wins, then the fuller one; the other fills what it leaves open.
    const known = models.get(id);
    models.set(
      id,
      known === undefined ? { ...row, id } : row.id === id ? { ...known, ...row } : { ...row, ...known },
    );
  }
  for (const table of ['sizes', 'shapes', 'capabilities', 'licences', 'released']) {
    for (const id of Object.keys(corrections[table])) {
      if (!models.has(id)) throw new Error(`a correction of ${table} names ${id}, which is no model`);
    }
  }
  const roles = new Map(
    Object.entries(corrections.roles).flatMap(([role, { ids }]) => ids.map((id) => [idOf(id), role])),
  );
  const shaped = new Map(
    [...models].map(([id, row]) => [
      id,
      {
        ...row,
        ...corrections.shapes[id],
        ...corrections.capabilities[id],
        ...corrections.licences[id],
        from: row.from,
      },
    ]),
  );
  return [...shaped.values()]
    .map((row) => {
      const inherited = inherit(row, shaped, identity);
      const size = sizeOf(inherited, corrections.sizes[row.id], catalog);
      return (
        size && {
          ...inherited,
          ...size,
          role: roleOf(row, roles, catalog),
          aliases: aliases.get(row.id) ?? [],
        }
      );
    })
    .filter((row) => row !== undefined)
    .map((row) => ({ ...row, released: releasedOf(row, corrections.released[row.id]) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

const SHAPE = [
  'arch',
  'layers',
  'heads',
  'kvHeads',
  'headDimK',
  'headDimV',
  'hidden',
  'feedForward',
  'expertFeedForward',
  'kvRank',
  'experts',
  'expertsUsed',
  'kv',
];
/** Context lengths in a name: `128k`, `1M`, `1048k`. */
const CONTEXT_IN_NAME = /[-_](?:\d+k|[1-9]m)(?:$|[-_])/i;

/** What a finetune has of the model it was made from: its shape, and its context where nothing says otherwise. */
function inherit(row, models, identity) {
  const baseId = identity.basedOn[row.id];
  if (baseId === undefined || row.kv !== undefined) return row;
  const base = models.get(baseId);
  if (base?.kv === undefined) throw new Error(`${row.id} is based on ${baseId}, whose cache is not known`);
  const shape = Object.fromEntries(
    SHAPE.filter((name) => base[name] !== undefined).map((name) => [name, base[name]]),
  );
  const sameContext = !CONTEXT_IN_NAME.test(row.id) && !identity.contextNotInherited.includes(row.id);
  return {
    ...(sameContext && base.contextMax !== undefined && { contextMax: base.contextMax }),
    ...row,
    ...shape,
    base: { paramsB: base.paramsB, activeB: base.activeB, activeComputedB: base.activeComputedB, id: baseId },
  };
}

/** Two counts of one model differ by this much at most: with or without embeddings, projector or prediction layers. */
const SAME_COUNT = 1.35;
/** `1B` and `2B` are said of anything up to a billion more. */
const ROUNDING_B = 1.1;
/** A count made from the tensors is finer than the name's, unless it holds more than the experts that are used. */
const SAME_ACTIVE = 1.15;

function sizeOf(row, correction, { nominalSize }) {
  const nominal = nominalSize(row.id.split('/')[1]);
  const sizeB =
    correction?.sizeB ?? positive(row.paramsB) ?? (row.base && positive(row.base.paramsB)) ?? nominal.sizeB;
  if (sizeB === undefined)
    throw new Error(`${row.id} has no size; correct it, or leave it out with a reason`);
  if (correction?.sizeB === undefined && nominal.sizeB !== undefined && differs(sizeB, nominal.sizeB)) {
    throw new Error(`${row.id} counts ${sizeB} B, its name says ${nominal.sizeB} B`);
  }
  if (row.base?.paramsB > 0 && differs(sizeB, row.base.paramsB)) {
    throw new Error(`${row.id} counts ${sizeB} B, ${row.base.id} counts ${row.base.paramsB} B`);
  }
  const stated = row.activeB ?? (nominal.activeB < sizeB ? nominal.activeB : undefined) ?? row.base?.activeB;
  const computed = row.activeComputedB ?? row.base?.activeComputedB;
  const finer = computed !== undefined && (stated === undefined || apart(stated, computed) <= SAME_ACTIVE);
  const activeB = correction?.activeB ?? (finer ? computed : stated);
  return {
    sizeB: rounded(sizeB),
    ...(activeB !== undefined && activeB < sizeB && { activeB: rounded(activeB) }),
  };
}

function positive(value) {
  return value > 0 ? value : undefined;
}

function differs(a, b) {
  return apart(a, b) > SAME_COUNT && Math.abs(a - b) > ROUNDING_B;
}

function apart(a, b) {
  return Math.max(a, b) / Math.min(a, b);
}

function rounded(value) {
  return Number(value.toPrecision(4));
}

/** By correction, else as collected; a name that says base, or says that it is no chat model, is believed. */
function roleOf(row, roles, { parseModelName }) {
  const corrected = roles.get(row.id);
  if (corrected !== undefined) return corrected;
  const named = parseModelName(row.id).role;
  if (row.role !== undefined) return row.role === 'chat' || row.role === 'base' ? row.role : 'other';
  if (named !== 'chat') return named;
  return row.kind === 'base' ? 'base' : 'chat';
}

/** Release stamps of year and month in a name, as Mistral, Qwen and others write them: `2507`. */
const STAMP = /[-_](2[3-6])(0[1-9]|1[0-2])(?:$|[-_])/;

function releasedOf(row, correction) {
  if (correction !== undefined) return correction.date;
  const stamp = STAMP.exec(row.id);
  const stamped = stamp && `20${stamp[1]}-${stamp[2]}`;
  if (stamped && row.released?.slice(0, 7) !== stamped)
    return row.released > stamped ? stamped : (row.released ?? stamped);
  return row.released ?? undefined;
}
