import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import type { ImaginableDevice, ImaginedMachine } from '../src/shared/imaginedMachine';
import { rankingKey } from '../src/shared/reportMessages';
import type { PageMessage, RankingRow, Rankings } from '../src/shared/reportMessages';
import { choice, filterField, menu, toggle } from './controls';
import './dataGrid';
import type { DataGrid } from './dataGrid';
import { loadedRows } from './gridModel';
import type { GridModel } from './gridModel';
import { focusSoon } from './focusSoon';
import { formatAge, formatDay, formatNumber, formatRelative } from './format';
import { warningIcon } from './icons';
import './imagineBar';
import { leftOutLine } from './leftOutLine';
import type { RankingsData } from './pageData';
import { rankingColumns } from './rankingColumns';
import { rankingCompare } from './rankingCompare';
import { awaitedDetail, failedDetail, rankingDetail } from './rankingDetail';
import {
  evidenceOptions,
  filterRankings,
  fitOptions,
  licenceOptions,
  NO_RANKING_FILTER,
  sizeOptions,
} from './rankingFilters';
import { MAX_EXPANDED, nextOrder, RANKING_COLUMNS, sortRankings, taskLabel, TASKS } from './rankingsView';
import type { Task } from './rankingsView';
import { banner, emptyView, failureView, loadingView, progressLine } from './stateViews';
import type { RankingsState } from './state';

/** The Rankings tab: this machine, the filters, and the table of models worth running here. */
export class RankingsTab extends LitElement {
  static override readonly properties = {
    rankings: { attribute: false },
    kept: { attribute: false },
    nowMs: { attribute: false },
    linkedKey: { attribute: false },
    devices: { attribute: false },
  };

  declare rankings: RankingsData | null;
  declare kept: RankingsState | null;
  declare nowMs: number;
  /** The row that a link led to: it is brought into view and marked. */
  declare linkedKey: string | null;
  /** What a machine can be imagined with; null before it was asked for. */
  declare devices: readonly ImaginableDevice[] | null;
  /** Wired by the page. */
  send: (message: PageMessage) => void = () => undefined;
  askFor: (task: Task) => void = () => undefined;
  imagine: (machine: ImaginedMachine | null) => void = () => undefined;
  keep: (changes: Partial<RankingsState>) => void = () => undefined;
  unlink: () => void = () => undefined;
  /** Where the table was left, pixels. */
  keptScrollTop = 0;
  keepScrollTop: (scrollTop: number) => void = () => undefined;

  private model: GridModel<RankingRow> | null = null;
  private askedForDevices = false;

  constructor() {
    super();
    this.rankings = null;
    this.kept = null;
    this.nowMs = 0;
    this.linkedKey = null;
    this.devices = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('rankings') || changed.has('kept') || changed.has('linkedKey')) {
      this.model = this.buildModel();
    }
  }

  private buildModel(): GridModel<RankingRow> | null {
    const { rankings, kept } = this;
    const data = rankings?.data;
    if (!data || !kept) return null;
    const all = data.rows;
    const expanded = new Set(kept.expanded);
    return {
      label: l10n.t('Models ranked for this machine'),
      columns: rankingColumns(all, expanded, this.nowMs),
      rows: loadedRows(sortRankings(filterRankings(all, kept), kept.order), rankingKey),
      keyOf: rankingKey,
      order: kept.order,
      expanded,
      selectedKey: this.linkedKey,
      detail: (row) => this.renderDetail(row, data, kept),
      onSort: (key) => {
        const column = RANKING_COLUMNS.find((candidate) => candidate === key);
        if (column) this.keep({ order: nextOrder(kept.order, column) });
      },
      onActivate: (key) => {
        if (!expanded.delete(key)) expanded.add(key);
        this.unlink();
        this.keep({ expanded: [...expanded].slice(-MAX_EXPANDED) });
      },
      onScroll: (scrollTop) => this.keepScrollTop(scrollTop),
    };
  }

  private renderDetail(row: RankingRow, data: Rankings, kept: RankingsState): TemplateResult {
    const { byKey, failure } = this.rankings?.details ?? {};
    const detail = byKey?.get(rankingKey(row));
    if (!detail) return failure ? failedDetail(failure, this.rankAnew) : awaitedDetail();
    return rankingDetail(
      { ...row, ...detail },
      {
        ...{
          usable: data.machine.usable,
          nowMs: this.nowMs,
          send: this.send,
          installable: data.imagined === null,
        },
        compare: isFirstCompared(kept, row) ? null : () => this.compare(rankingKey(row)),
      },
    );
  }

  /** The first of two is kept until the second has come; then a further one begins anew. */
  private compare(key: string): void {
    const { compared = [] } = this.kept ?? {};
    const isSecond = compared.length === 1;
    this.keep({ compared: isSecond ? [...compared, key] : [key] });
    // The button of the first one goes; the second one is in the table.
    focusSoon(this, isSecond ? '.compare' : '#ranking-table .grid');
  }

  private readonly endComparison = (): void => {
    this.keep({ compared: [] });
    this.querySelector<DataGrid<RankingRow>>('#ranking-table')?.focusTable();
  };

  private readonly startImagining = (): void => {
    this.keep({ imagining: true });
    focusSoon(this, '.imagine .device');
  };

  private readonly endImagining = (): void => {
    this.keep({ imagining: false });
    this.rankOn(null);
    focusSoon(this, '.machine .text-button');
  };

  /** On another machine other models stand at the top. */
  private readonly rankOn = (machine: ImaginedMachine | null): void => {
    this.querySelector<DataGrid<RankingRow>>('#ranking-table')?.scrollToTop();
    this.imagine(machine);
  };

  private readonly rankAnew = (): void => {
    this.askFor(this.kept?.task ?? this.rankings?.data?.task ?? 'general');
  };

  private renderImagine(kept: RankingsState): unknown {
    if (!kept.imagining && kept.imagined === null) return nothing;
    return html`<mp-imagine-bar
      .devices=${this.devices}
      .machine=${kept.imagined}
      .imagine=${this.rankOn}
      .end=${this.endImagining}
    ></mp-imagine-bar>`;
  }

  protected override updated(): void {
    const open = this.kept !== null && (this.kept.imagining || this.kept.imagined !== null);
    if (!open || this.devices !== null || this.askedForDevices) return;
    this.askedForDevices = true;
    this.send({ type: 'queryDevices' });
  }

  private renderMachine(data: Rankings, kept: RankingsState): TemplateResult {
    const { machine, snapshotDate } = data;
    const simulated = data.imagined !== null;
    const found = simulated
      ? l10n.t('A machine that nobody has here')
      : l10n.t('Detected {0}', formatRelative(machine.detectedAt, this.nowMs));
    const title = simulated ? l10n.t('Simulated: {0}', machine.title) : machine.title;
    return html`<header class="machine">
      <div class="machine-line">
        <h2 title=${found}>
          ${simulated ? html`<span class="mark-warning">${warningIcon}</span>` : nothing}${title}
        </h2>
        <span class="muted machine-memory">${machine.memoryLine}</span>
        ${
          kept.imagining || kept.imagined !== null
            ? nothing
            : html`<button type="button" class="text-button" @click=${this.startImagining}>
                ${l10n.t('Simulate other hardware')}
              </button>`
        }
        <span class="muted snapshot">${scoresText(snapshotDate, this.nowMs)}</span>
      </div>
      ${machine.warnings.map(
        (text) =>
          html`<p class="machine-warning"><span class="mark-warning">${warningIcon}</span>${text}</p>`,
      )}
    </header>`;
  }

  private renderToolbar(kept: RankingsState, shown: number | null): TemplateResult {
    const data = this.rankings?.data ?? null;
    const tasks = TASKS.map((task) => [task, taskLabel(task)] as const);
    return html`<div class="toolbar" role="search" aria-label=${l10n.t('Filter models')}>
      ${choice(l10n.t('Task'), tasks, kept.task ?? data?.task ?? 'general', this.askFor)}
      ${filterField(l10n.t('Filter models'), kept.text, (text) => this.keep({ text }))}
      ${menu(l10n.t('Fit'), fitOptions(), kept.fit, (fit) => this.keep({ fit }))}
      ${menu(l10n.t('Size'), sizeOptions(), kept.size, (size) => this.keep({ size }))}
      ${menu(l10n.t('Evidence'), evidenceOptions(), kept.evidence, (evidence) => this.keep({ evidence }))}
      ${menu(l10n.t('Licence'), licenceOptions(data?.rows ?? [], kept.licence), kept.licence, (licence) =>
        this.keep({ licence }),
      )}
      ${toggle(l10n.t('Tools'), l10n.t('Only models that can call tools'), kept.toolsOnly, (toolsOnly) =>
        this.keep({ toolsOnly }),
      )}
      ${toggle(
        l10n.t('Installed'),
        l10n.t('Only models that are installed'),
        kept.installedOnly,
        (installedOnly) => this.keep({ installedOnly }),
      )}
      <span class="muted count" role="status">${data && shown !== null ? countLine(data, shown) : ''}</span>
    </div>`;
  }

  private renderTable(data: Rankings): TemplateResult {
    if (data.snapshotDate === null) {
      return emptyView(
        l10n.t('No model to recommend'),
        l10n.t('No model is known here, so none can be ranked. What is wrong is said above.'),
      );
    }
    if (data.rows.length === 0) {
      return emptyView(l10n.t('No model to recommend'), nothingFitsText(data.unfit), {
        label: l10n.t('Re-detect Hardware'),
        run: () => this.send({ type: 'run', command: 'redetectHardware' }),
      });
    }
    if (this.model?.rows.length === 0) {
      return emptyView(
        l10n.t('No model matches the filters'),
        data.rows.length === 1
          ? l10n.t('1 model is hidden by them.')
          : l10n.t('{0} models are hidden by them.', formatNumber(data.rows.length)),
        {
          label: l10n.t('Clear Filters'),
          run: () => {
            this.keep(NO_RANKING_FILTER);
            focusSoon(this, '.filter');
          },
        },
      );
    }
    return html`<mp-data-grid
      id="ranking-table"
      class="ranking-table"
      .model=${this.model}
      .restoreScrollTop=${this.keptScrollTop}
    ></mp-data-grid>`;
  }

  /** Two rows side by side under the table, or the line that says how to find the second. */
  private renderCompared({ rows }: Rankings, { compared }: RankingsState): unknown {
    const found = compared.flatMap((key) => rows.find((row) => rankingKey(row) === key) ?? []);
    const opened = found.flatMap((row) => {
      const detail = this.rankings?.details.byKey.get(rankingKey(row));
      return detail ? [{ ...row, ...detail }] : [];
    });
    const [one, other] = opened;
    if (one && other) return rankingCompare([one, other], this.nowMs, this.endComparison);
    const [first] = found;
    if (!first || compared.length > 1) return nothing;
    return banner('info', l10n.t('Comparing {0}: open another model and press Compare there.', first.name), {
      label: l10n.t('Cancel'),
      run: this.endComparison,
    });
  }

  protected override render(): unknown {
    const { rankings, kept } = this;
    if (!rankings || !kept) return nothing;
    const { data, failure, loading } = rankings;
    const retry = { label: l10n.t('Try Again'), run: this.rankAnew };
    const body = data
      ? html`${failure === null ? nothing : banner('warning', failure, retry)}
        ${data.warnings.map((text) => banner('warning', text))}
        ${data.imagined === null ? nothing : banner('info', simulatedText())} ${this.renderTable(data)}
        ${this.renderCompared(data, kept)}
        ${
          data.leftOut.length === 0
            ? nothing
            : leftOutLine(data.leftOut, kept.leftOutOpen, (leftOutOpen) => this.keep({ leftOutOpen }))
        }`
      : failure !== null
        ? failureView(l10n.t('The models could not be ranked'), failure, retry)
        : loadingView(l10n.t('Looking at this machine and ranking models for it…'));
    return html`${data ? this.renderMachine(data, kept) : nothing} ${this.renderImagine(kept)}
    ${this.renderToolbar(kept, this.model?.rows.length ?? null)}
    ${progressLine(loading, l10n.t('Ranking models'))} ${body}`;
  }
}

function isFirstCompared({ compared }: RankingsState, row: RankingRow): boolean {
  return compared.length === 1 && compared[0] === rankingKey(row);
}

function countLine(data: Rankings, shown: number): string {
  const all = data.rows.length;
  const models =
    shown === all
      ? all === 1
        ? l10n.t('1 model')
        : l10n.t('{0} models', formatNumber(all))
      : l10n.t('{0} of {1} models', formatNumber(shown), formatNumber(all));
  return data.unfit > 0 ? l10n.t('{0}, {1} too big', models, formatNumber(data.unfit)) : models;
}

function scoresText(snapshotDate: string | null, nowMs: number): string {
  if (snapshotDate === null) return l10n.t('Date of the scores unknown');
  const age = formatAge(snapshotDate, nowMs);
  const day = formatDay(snapshotDate);
  return age === null ? l10n.t('Scores of {0}', day) : l10n.t('Scores of {0} ({1})', day, age);
}

function simulatedText(): string {
  return l10n.t(
    'A simulated machine: everything below is estimated for it, and nothing can be installed on it from here.',
  );
}

function nothingFitsText(unfit: number): string {
  const why = l10n.t('No model with a published score for this task fits this machine.');
  const next = l10n.t('Try another task, or check that the hardware shown above is right.');
  if (unfit === 0) return `${why} ${next}`;
  const left =
    unfit === 1 ? l10n.t('1 model did not fit.') : l10n.t('{0} models did not fit.', formatNumber(unfit));
  return `${why} ${left} ${next}`;
}

customElements.define('mp-rankings-tab', RankingsTab);
