import path from 'node:path';

/**
 * Who may import whom in this house. `values` may be imported at run time, `types` only with `import type`.
 * An entry is a room ('shared'), or one file of it without extension ('backends/contract').
 */
export const HOUSE = {
  shared: { values: [], types: [] },
  hardware: { values: ['shared'], types: [] },
  storage: { values: ['shared'], types: [] },
  catalog: { values: ['shared'], types: [] },
  backends: { values: ['shared'], types: [] },
  ranking: { values: ['shared'], types: ['hardware', 'catalog'] },
  modelfile: { values: ['shared', 'ranking'], types: ['hardware', 'catalog'] },
  registry: { values: ['shared', 'storage', 'backends/contract', 'backends/installAdapter'], types: [] },
  pool: {
    values: ['shared', 'storage', 'backends/contract', 'backends/installAdapter'],
    types: ['catalog', 'ranking'],
  },
  dispatch: {
    values: ['shared', 'storage', 'registry', 'ranking', 'backends/contract'],
    types: ['hardware', 'pool'],
  },
  engine: {
    values: [
      ...['shared', 'hardware', 'catalog', 'ranking', 'storage', 'backends', 'registry'],
      ...['pool', 'dispatch', 'modelfile'],
    ],
    types: [],
  },
  ui: {
    values: ['shared', 'engine', 'modelfile/protocol'],
    types: [
      ...['hardware', 'catalog', 'ranking', 'storage', 'backends', 'registry'],
      ...['pool', 'dispatch', 'modelfile'],
    ],
  },
  extension: {
    values: ['shared', 'engine', 'ui', 'modelfile/protocol'],
    types: [
      ...['hardware', 'catalog', 'ranking', 'storage', 'backends', 'registry'],
      ...['pool', 'dispatch', 'modelfile'],
    ],
  },
  'webview-ui': {
    values: [
      ...['shared/reportMessages', 'shared/dispatchQuery', 'shared/dispatchRecord'],
      ...['shared/imaginedMachine', 'shared/numberText', 'shared/shortModelName'],
      ...['shared/spokenLanguage', 'shared/timeText', 'shared/units'],
    ],
    types: ['shared'],
  },
};

/** Rooms and files that may import `vscode`. */
const VSCODE_ROOMS = new Set(['ui', 'extension']);

/** The room and the extension-less path of a file inside the house, or null for files outside it. */
export function placeOf(file, root) {
  const relative = path
    .relative(root, file)
    .split(path.sep)
    .join('/')
    .replace(/\.[cm]?[jt]sx?$/, '');
  const [top, ...rest] = relative.split('/');
  if (top === 'webview-ui') return { room: 'webview-ui', name: relative };
  if (top !== 'src' || rest.length === 0) return null;
  return { room: rest[0], name: rest.join('/') };
}

/** Says why `from` may not import `to`, or null when it may. */
export function violation(from, to, typeOnly) {
  if (from.room === to.room) return null;
  const rule = HOUSE[from.room];
  if (!rule) return `${from.name} stands in no room of the house`;
  const has = (list) => list.includes(to.room) || list.includes(to.name);
  if (has(rule.values)) return null;
  if (has(rule.types)) return typeOnly ? null : `${from.room} may import only types from ${to.room}`;
  return `${from.room} may not import ${to.name}`;
}

/** ESLint rule: the table above, and `vscode` only in ui and extension. */
export const importBoundaries = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { forbidden: '{{reason}} (see scripts/lint/importBoundaries.mjs).' },
  },
  create(context) {
    const root = context.cwd;
    const from = placeOf(context.filename, root);
    if (!from) return {};
    const check = (node) => {
      const source = node.source;
      if (!source || typeof source.value !== 'string') return;
      const report = (reason) => context.report({ node: source, messageId: 'forbidden', data: { reason } });
      if (source.value === 'vscode') {
        if (!VSCODE_ROOMS.has(from.room)) report(`${from.room} may not import vscode`);
        return;
      }
      if (!source.value.startsWith('.')) return;
      const to = placeOf(path.resolve(path.dirname(context.filename), source.value), root);
      if (!to) return;
      const kind = node.importKind ?? node.exportKind;
      const typeOnly =
        kind === 'type' ||
        (node.specifiers?.length > 0 && node.specifiers.every((s) => s.importKind === 'type'));
      const reason = violation(from, to, typeOnly);
      if (reason) report(reason);
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
