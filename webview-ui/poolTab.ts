import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { PoolDiskReport, PoolEvent, PoolReport } from '../src/shared/poolMessage';
import type { PageMessage } from '../src/shared/reportMessages';
import { formatMoment } from '../src/shared/timeText';
import { formatNumber, formatRelative, UNKNOWN } from './format';
import { warningIcon } from './icons';
import { KeptScroll, scrolledTo } from './keptScroll';
import { budgetBar, diskMap, layersTable } from './poolMap';
import type { PoolData } from './pageData';
import {
  autonomySentence,
  diskFigures,
  diskNotes,
  eventModels,
  eventTitle,
  gib,
  orderReason,
  shortName,
  staysBecause,
} from './poolText';
import { banner, emptyView, failureView, loadingView, progressLine } from './stateViews';
import type { PoolState } from './state';

/** The Pool tab: what lies on each disk and in which layers, what would go first, and what was done. */
export class PoolTab extends LitElement {
  static override readonly properties = {
    pool: { attribute: false },
    kept: { attribute: false },
    isShown: { attribute: false },
    nowMs: { attribute: false },
  };

  declare pool: PoolData | null;
  declare kept: PoolState | null;
  declare isShown: boolean;
  declare nowMs: number;
  /** Wired by the page. */
  send: (message: PageMessage) => void = () => undefined;
  reload: () => void = () => undefined;
  keep: (kept: PoolState) => void = () => undefined;
  /** Where the tab was left, pixels. */
  keptScrollTop = 0;
  keepScrollTop: (scrollTop: number) => void = () => undefined;

  private readonly place = new KeptScroll();

  constructor() {
    super();
    this.pool = null;
    this.kept = null;
    this.isShown = false;
    this.nowMs = 0;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(): void {
    this.place.restore(this.querySelector<HTMLElement>('.pool-body'), this.keptScrollTop);
  }

  private readonly onScroll = (event: Event): void => {
    const top = scrolledTo(event);
    if (top !== null) this.keepScrollTop(top);
  };

  private renderLayers(disk: PoolDiskReport): unknown {
    const layersOf = this.kept?.layersOf ?? [];
    const others = layersOf.filter((host) => host !== disk.host);
    return layersTable(disk, layersOf.includes(disk.host), (isOpen) =>
      this.keep({ layersOf: isOpen ? [...others, disk.host] : others }),
    );
  }

  private renderDisk(disk: PoolDiskReport, index: number): TemplateResult {
    const id = `disk-${index}`;
    return html`<section class="disk" aria-labelledby=${id}>
      <h2 id=${id}>${disk.host}</h2>
      <div class="disk-parts">
        <div class="disk-figures">
          ${budgetBar(disk)}
          <table class="small-table">
            <thead>
              <tr>
                <th scope="col">${l10n.t('Disk')}</th>
                <th class="numeric" scope="col">GiB</th>
              </tr>
            </thead>
            <tbody>
              ${diskFigures(disk).map(
                ({ name, bytes }) =>
                  html`<tr>
                    <th scope="row">${name}</th>
                    <td class="numeric">${gib(bytes)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
          <p class="actions">
            <vscode-button secondary @click=${() => this.send({ type: 'setDiskBudget' })}
              >${l10n.t('Set Disk Budget')}</vscode-button
            >
          </p>
        </div>
        <div class="disk-picture">${diskMap(disk, id)} ${this.renderLayers(disk)}</div>
      </div>
      ${diskNotes(disk).map(({ text, warning }) =>
        warning
          ? html`<p class="machine-warning"><span class="mark-warning">${warningIcon}</span>${text}</p>`
          : html`<p class="muted">${text}</p>`,
      )}
      <div class="disk-parts">${this.renderLeaving(disk)} ${renderStaying(disk)}</div>
    </section>`;
  }

  private renderLeaving({ leaving, staying, host }: PoolDiskReport): TemplateResult {
    if (leaving.length + staying.length === 0)
      return html`<p class="muted">${l10n.t('No model is installed here yet.')}</p>`;
    return html`<div class="disk-order">
      <h3>${l10n.t('What would go first')}</h3>
      ${
        leaving.length === 0
          ? html`<p class="muted">
              ${l10n.t('No model of the pool on this machine may be taken away now.')}
            </p>`
          : html`<div
              class="wide-table"
              tabindex="0"
              role="region"
              aria-label=${l10n.t('What would go first from {0}', host)}
            >
              <table class="small-table">
                <thead>
                  <tr>
                    <th class="numeric" scope="col"><span class="unseen">${l10n.t('Place')}</span></th>
                    <th scope="col">${l10n.t('Model')}</th>
                    <th class="numeric" scope="col" title=${l10n.t('For your task, of 100')}>
                      ${l10n.t('Score')}
                    </th>
                    <th scope="col">${l10n.t('Last used')}</th>
                    <th class="numeric" scope="col" title=${l10n.t('After those above it are gone')}>
                      ${l10n.t('Frees GiB')}
                    </th>
                    <th class="numeric" scope="col" title=${l10n.t('With those above it')}>
                      ${l10n.t('In all GiB')}
                    </th>
                    <th scope="col">${l10n.t('Why here')}</th>
                  </tr>
                </thead>
                <tbody>
                  ${leaving.map((row, index) => this.renderLeavingRow(row, index, leaving[index + 1]))}
                </tbody>
              </table>
            </div>`
      }
    </div>`;
  }

  private renderLeavingRow(
    row: PoolDiskReport['leaving'][number],
    index: number,
    next: PoolDiskReport['leaving'][number] | undefined,
  ): TemplateResult {
    const { model, score, lastUsedAt, freesBytes, freedByThenBytes } = row;
    return html`<tr>
      <td class="numeric">${index + 1}</td>
      <th scope="row" title=${model}>${shortName(model)}</th>
      <td class="numeric" title=${score === 0 ? l10n.t('Not ranked for your task on this machine') : ''}>
        ${score === 0 ? UNKNOWN : formatNumber(score, 1)}
      </td>
      <td title=${lastUsedAt === null ? '' : formatMoment(lastUsedAt)}>
        ${lastUsedAt === null ? l10n.t('never') : formatRelative(lastUsedAt, this.nowMs)}
      </td>
      <td class="numeric">${gib(freesBytes)}</td>
      <td class="numeric">${gib(freedByThenBytes)}</td>
      <td class="muted">${orderReason(row, next)}</td>
    </tr>`;
  }

  private renderHistory(history: PoolReport['history']): TemplateResult {
    return html`<section class="pool-history" aria-labelledby="pool-history">
      <h2 id="pool-history">${l10n.t('History')}</h2>
      ${
        history.length === 0
          ? html`<p class="muted">${l10n.t('Nothing was done yet.')}</p>`
          : html`<div
              class="wide-table"
              tabindex="0"
              role="region"
              aria-label=${l10n.t('History of the pool')}
            >
              <table class="small-table">
                <thead>
                  <tr>
                    <th scope="col">${l10n.t('When')}</th>
                    <th scope="col">${l10n.t('What')}</th>
                    <th scope="col">${l10n.t('Models')}</th>
                    <th class="numeric" scope="col">GiB</th>
                    <th scope="col">${l10n.t('Why')}</th>
                  </tr>
                </thead>
                <tbody>
                  ${history.map((event) => this.renderEvent(event))}
                </tbody>
              </table>
            </div>`
      }
      <p class="muted">
        ${l10n.t(
          'The last year: what came into the pool and what left it, how proposals ended, and downloads that did not end. What was removed outside is dated by when it was noticed.',
        )}
      </p>
    </section>`;
  }

  private renderEvent(event: PoolEvent): TemplateResult {
    const { at, came, went, bytes, reason } = event;
    const names = [came, went].filter((name) => name !== null).join(', ');
    return html`<tr>
      <td title=${at === null ? l10n.t('Nobody wrote down when') : formatMoment(at)}>
        ${at === null ? UNKNOWN : formatRelative(at, this.nowMs)}
      </td>
      <td>${eventTitle(event)}</td>
      <th scope="row" title=${names}>${eventModels(event)}</th>
      <td class="numeric">${bytes === null ? '' : gib(bytes)}</td>
      <td class="muted event-reason">${reason ?? ''}</td>
    </tr>`;
  }

  private renderBody({ disks, history, autonomy }: PoolReport): TemplateResult {
    if (disks.length === 0) {
      return emptyView(
        l10n.t('No disk to look at'),
        l10n.t(
          'The pool keeps the models of Ollama. Add a backend of that kind, and what it holds is shown here.',
        ),
        {
          label: l10n.t('Add Backend'),
          run: () => this.send({ type: 'run', command: 'addBackend' }),
        },
      );
    }
    return html`<div
      class="pool-body"
      tabindex="0"
      role="region"
      aria-label=${l10n.t('The pool')}
      @scroll=${this.onScroll}
    >
      <p class="muted">
        ${l10n.t(
          'If room is needed, the worst score goes first, then what was unused for longest, then what came first, and only as many as are needed.',
        )}
        ${autonomySentence(autonomy)}
      </p>
      ${disks.map((disk, index) => this.renderDisk(disk, index))} ${this.renderHistory(history)}
    </div>`;
  }

  protected override render(): unknown {
    if (!this.pool) return nothing;
    const { data, failure, loading } = this.pool;
    const retry = { label: l10n.t('Try Again'), run: this.reload };
    if (!data) {
      return failure === null
        ? loadingView(l10n.t('Looking at the pool…'))
        : failureView(l10n.t('The pool could not be looked at'), failure, retry);
    }
    return html`${failure === null ? nothing : banner('warning', failure, retry)}
    ${progressLine(loading, l10n.t('Looking at the pool'))} ${this.renderBody(data)}`;
  }
}

function renderStaying({ staying, host }: PoolDiskReport): TemplateResult | typeof nothing {
  if (staying.length === 0) return nothing;
  return html`<div class="disk-order">
    <h3>${l10n.t('What stays')}</h3>
    <div class="wide-table" tabindex="0" role="region" aria-label=${l10n.t('What stays on {0}', host)}>
      <table class="small-table">
        <thead>
          <tr>
            <th scope="col">${l10n.t('Model')}</th>
            <th class="numeric" scope="col">GiB</th>
            <th scope="col">${l10n.t('Why')}</th>
          </tr>
        </thead>
        <tbody>
          ${staying.map(
            ({ model, bytes, reason }) =>
              html`<tr>
                <th scope="row" title=${model}>${shortName(model)}</th>
                <td class="numeric">${gib(bytes)}</td>
                <td class="muted">${staysBecause(reason)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

customElements.define('mp-pool-tab', PoolTab);
