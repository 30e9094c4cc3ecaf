import * as vscode from 'vscode';
import * as z from 'zod';
import type { RankedModel } from '../ranking/rankTypes';
import { Emitter } from '../shared/events';

const FILTERS = ['fitsGpu', 'installed', 'callsTools', 'freeLicence'] as const;
type Filter = (typeof FILTERS)[number];

const KEY = 'modelPool.recommendedView';

const stateSchema = z.object({
  filters: z.array(z.enum(FILTERS)).catch([]),
  isGrouped: z.boolean().catch(false),
});
type State = Readonly<z.infer<typeof stateSchema>>;

/** Licences, by their SPDX ids as Hugging Face writes them, that let anybody use a model for anything. */
const FREE_LICENCES: ReadonlySet<string> = new Set([
  ...['apache-2.0', 'mit', 'bsd', 'bsd-2-clause', 'bsd-3-clause', 'bsd-3-clause-clear', 'isc'],
  ...['mpl-2.0', 'cc0-1.0', 'cc-by-4.0', 'unlicense', 'artistic-2.0', 'bsl-1.0', 'zlib'],
]);

/** What the filter looks at. */
type Filtered = Pick<RankedModel, 'fit' | 'toolCalling' | 'licence'>;

/** What of the recommended models is shown, and whether by task; kept for all windows. */
export class RecommendedFilter {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.on;

  constructor(private readonly globalState: vscode.Memento) {}

  /** Whether every task has a group of its own, instead of one list for the chosen task. */
  get isGrouped(): boolean {
    return this.#state.isGrouped;
  }

  /** Whether a model is shown. */
  lets(model: Filtered, isInstalled: boolean): boolean {
    return this.#state.filters.every((filter) => passes(filter, model, isInstalled));
  }

  /** `fits the GPU, calls tools`; undefined where everything is shown. */
  get text(): string | undefined {
    const { filters } = this.#state;
    return filters.length === 0 ? undefined : filters.map(filterText).join(', ');
  }

  async toggleGroups(): Promise<void> {
    await this.#set({ ...this.#state, isGrouped: !this.isGrouped });
  }

  /** Asks which models to show; nothing chosen shows all. */
  async choose(): Promise<void> {
    const { filters } = this.#state;
    const items = FILTERS.map((filter) => ({
      ...{ label: filterText(filter), detail: detailOf(filter), filter },
      picked: filters.includes(filter),
    }));
    const chosen = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t('Filter Recommended Models'),
      placeHolder: vscode.l10n.t('Only models with all of these; none chosen: every model'),
      canPickMany: true,
    });
    if (chosen) await this.#set({ ...this.#state, filters: chosen.map(({ filter }) => filter) });
  }

  get #state(): State {
    const parsed = stateSchema.safeParse(this.globalState.get(KEY));
    return parsed.success ? parsed.data : { filters: [], isGrouped: false };
  }

  async #set(state: State): Promise<void> {
    await this.globalState.update(KEY, state);
    this.#changed.fire();
  }
}

function passes(filter: Filter, { fit, toolCalling, licence }: Filtered, isInstalled: boolean): boolean {
  switch (filter) {
    case 'fitsGpu':
      return fit === 'gpu';
    case 'installed':
      return isInstalled;
    case 'callsTools':
      return toolCalling === true;
    case 'freeLicence':
      return licence !== undefined && FREE_LICENCES.has(licence.toLowerCase());
  }
}

function filterText(filter: Filter): string {
  switch (filter) {
    case 'fitsGpu':
      return vscode.l10n.t('fits the GPU');
    case 'installed':
      return vscode.l10n.t('installed');
    case 'callsTools':
      return vscode.l10n.t('calls tools');
    case 'freeLicence':
      return vscode.l10n.t('free licence');
  }
}

function detailOf(filter: Filter): string {
  switch (filter) {
    case 'fitsGpu':
      return vscode.l10n.t('All of it lies in the memory of the accelerators');
    case 'installed':
      return vscode.l10n.t('On a backend of this machine, in or outside the pool');
    case 'callsTools':
      return vscode.l10n.t('Known to: agent mode needs it');
    case 'freeLicence':
      return vscode.l10n.t('Apache, MIT, BSD and the like, without conditions on who may use it for what');
  }
}
