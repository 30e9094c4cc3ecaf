import * as vscode from 'vscode';
import { poolDisk, servedKey, type OutsideModel } from '../engine/poolDisks';
import { poolHistory } from '../engine/poolHistory';
import type { PoolEntry } from '../pool/poolState';
import type { RegisteredModel } from '../registry/row';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';
import type { PoolDiskReport, PoolReport } from '../shared/poolMessage';
import type { UiContext } from './uiContext';

type Context = Pick<UiContext, 'engine'>;

/** The pool as the report page gets it: each machine whose disk it keeps, and what was done. Nothing is asked of a server. */
export async function poolMessage(context: Context): Promise<PoolReport> {
  const { engine } = context;
  const { manager, proposals } = engine.pool;
  const { entries } = manager.snapshot();
  const backends = [...new Set([...installers(context), ...entries.map(({ backend }) => backend)])];
  const byHost = Map.groupBy(backends, (backend) => engine.hostOf(backend));
  const disks = await Promise.all([...byHost].map(([host, ids]) => diskOf(context, host, ids)));
  return {
    type: 'pool',
    disks: disks.sort((a, b) => a.host.localeCompare(b.host)),
    history: poolHistory({
      ...{ entries, removals: manager.removals, proposals: proposals.all, runs: engine.pulls.runs },
    }),
    autonomy: engine.settings.poolAutonomy,
  };
}

/** Calls the listener after anything changed that the message tells of, often many times in a second. */
export function onDidChangePool({ engine }: Context, listener: () => void): vscode.Disposable {
  const stops = [
    engine.pool.manager.onDidChange(listener),
    engine.pool.proposals.onDidChange(listener),
    engine.pulls.onDidChange(listener),
    engine.registry.onDidChangeRows(listener),
    engine.registry.onDidChangeBackends(listener),
    engine.dispatcher.inUse.onDidChange(listener),
    engine.onDidConfigure(listener),
  ];
  return new vscode.Disposable(() => stops.forEach((stop) => stop()));
}

/** The backends that install and remove models through us. */
function installers({ engine }: Context): readonly string[] {
  return engine.registry.backends().flatMap(({ id }) => (engine.installs.canInstallOn(id) ? [id] : []));
}

async function diskOf(context: Context, host: HostId, backends: readonly string[]): Promise<PoolDiskReport> {
  const { engine } = context;
  const { manager, disk } = engine.pool;
  const pool = manager.snapshot();
  const entries = pool.entries.filter(({ backend }) => backends.includes(backend));
  const served = backends.flatMap((backend) => engine.registry.listForBackend(backend));
  const known = new Set(entries.map(({ backend, ollamaName }) => servedKey(backend, ollamaName)));
  const outside = served.filter(({ backend, modelId }) => !known.has(servedKey(backend, modelId)));
  const first = backends[0] ?? '';
  return poolDisk({
    host: host === LOCAL_HOST ? vscode.l10n.t('This machine') : host,
    budgetGb: pool.diskBudgetGb,
    entries,
    outside: await Promise.all(outside.map((model) => outsideModel(context, model))),
    ...(await usesOf(context, entries, served)),
    runs: engine.pulls.runs.filter(({ backend }) => backends.includes(backend)),
    freeBytes: await disk.freeBytes(first),
    partials: await disk.partials(first),
  });
}

/** Its layers where its manifest can be read, else one of the size that its server says. */
async function outsideModel({ engine }: Context, model: RegisteredModel): Promise<OutsideModel> {
  const { backend, modelId: name, capabilities } = model;
  const blobs = await engine.pool.disk.manifestBlobs(backend, name);
  if (blobs) return { name, blobs, guessed: false };
  const key = `tag:${capabilities.digest ?? name}`;
  return { name, blobs: [{ digest: key, bytes: capabilities.sizeBytes ?? 0 }], guessed: true };
}

/** What must stay now, by the last look at the servers; what is done about it asks them again. */
async function usesOf(
  { engine }: Context,
  entries: readonly PoolEntry[],
  served: readonly RegisteredModel[],
): Promise<{ readonly inUse: ReadonlySet<string>; readonly running: ReadonlySet<string> }> {
  const inUse = new Set<string>();
  const running = new Set<string>();
  for (const entry of entries) {
    const key = servedKey(entry.backend, entry.ollamaName);
    const models = served.filter(({ backend, modelId }) => servedKey(backend, modelId) === key);
    if (models.some((model) => model.running !== undefined)) running.add(key);
    const elsewhere = await Promise.all(models.map((model) => engine.leases.isUsedElsewhere(model)));
    if (models.some((model) => engine.dispatcher.inUse.has(model)) || elsewhere.includes(true))
      inUse.add(key);
  }
  return { inUse, running };
}
