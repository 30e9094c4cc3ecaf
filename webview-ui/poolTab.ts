import { html, LitElement, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { PoolDiskReport, PoolEvent, PoolReport } from '../src/shared/poolMessage';
import type { PageMessage } from '../src/shared/reportMessages';
import { formatAbsolute, formatNumber, formatRelative, UNKNOWN } from './format';
import { warningIcon } from './icons';
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
  STAYS_BECAUSE,
} from './poolText';
import { banner, emptyView, failureView, loadingView, progressLine } from './stateViews';

/** The Pool tab: what lies on each disk and in which layers, what would go first, and what was done. */
export class PoolTab extends LitElement {
  static override readonly properties = {
    pool: { attribute: false },
    nowMs: { attribute: false },
  };

  declare pool: PoolData | null;
  declare nowMs: number;
  /** Wired by the page. */
  send: (message: PageMessage) => void = () => undefined;
  reload: () => void = () => undefined;

  constructor() {
    super();
    this.pool = null;
    this.nowMs = 0;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
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
                <th scope="col">Disk</th>
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
              >Set Disk Budget</vscode-button
            >
          </p>
        </div>
        <div class="disk-picture">${diskMap(disk, id)} ${layersTable(disk)}</div>
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
      return html`<p class="muted">No model is installed here yet.</p>`;
    return html`<div class="disk-order">
      <h3>What would go first</h3>
      ${
        leaving.length === 0
          ? html`<p class="muted">No model of the pool on this machine may be taken away now.</p>`
          : html`<div
              class="wide-table"
              tabindex="0"
              role="region"
              aria-label="What would go first from ${host}"
            >
              <table class="small-table">
                <thead>
                  <tr>
                    <th class="numeric" scope="col"><span class="unseen">Place</span></th>
                    <th scope="col">Model</th>
                    <th class="numeric" scope="col" title="For your task, of 100">Score</th>
                    <th scope="col">Last used</th>
                    <th class="numeric" scope="col" title="After those above it are gone">Frees GiB</th>
                    <th class="numeric" scope="col" title="With those above it">In all GiB</th>
                    <th scope="col">Why here</th>
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
      <td class="numeric" title=${score === 0 ? 'Not ranked for your task on this machine' : ''}>
        ${score === 0 ? UNKNOWN : formatNumber(score, 1)}
      </td>
      <td title=${lastUsedAt === null ? '' : formatAbsolute(lastUsedAt)}>
        ${lastUsedAt === null ? 'never' : formatRelative(lastUsedAt, this.nowMs)}
      </td>
      <td class="numeric">${gib(freesBytes)}</td>
      <td class="numeric">${gib(freedByThenBytes)}</td>
      <td class="muted">${orderReason(row, next)}</td>
    </tr>`;
  }

  private renderHistory(history: PoolReport['history']): TemplateResult {
    return html`<section class="pool-history" aria-labelledby="pool-history">
      <h2 id="pool-history">History</h2>
      ${
        history.length === 0
          ? html`<p class="muted">Nothing was done yet.</p>`
          : html`<div class="wide-table" tabindex="0" role="region" aria-label="History of the pool">
              <table class="small-table">
                <thead>
                  <tr>
                    <th scope="col">When</th>
                    <th scope="col">What</th>
                    <th scope="col">Models</th>
                    <th class="numeric" scope="col">GiB</th>
                    <th scope="col">Why</th>
                  </tr>
                </thead>
                <tbody>
                  ${history.map((event) => this.renderEvent(event))}
                </tbody>
              </table>
            </div>`
      }
      <p class="muted">
        Told from what the pool still knows: when each of its models came, how proposals ended in the last
        year, and downloads that did not end. Not told: models that were removed by hand or to make room, and
        what was done outside the pool.
      </p>
    </section>`;
  }

  private renderEvent(event: PoolEvent): TemplateResult {
    const { at, came, went, bytes, reason } = event;
    const names = [came, went].filter((name) => name !== null).join(', ');
    return html`<tr>
      <td title=${at === null ? 'Nobody wrote down when' : formatAbsolute(at)}>
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
        'No disk to look at',
        'The pool keeps the models of Ollama. Add a backend of that kind, and what it holds is shown here.',
      );
    }
    return html`<div class="pool-body" tabindex="0" role="region" aria-label="The pool">
      <p class="muted">
        If room is needed, the worst score goes first, then what was unused for longest, then what came first,
        and only as many as are needed. ${autonomySentence(autonomy)}
      </p>
      ${disks.map((disk, index) => this.renderDisk(disk, index))} ${this.renderHistory(history)}
    </div>`;
  }

  protected override render(): unknown {
    if (!this.pool) return nothing;
    const { data, failure, loading } = this.pool;
    const retry = { label: 'Try Again', run: this.reload };
    if (!data) {
      return failure === null
        ? loadingView('Looking at the pool…')
        : failureView('The pool could not be looked at', failure, retry);
    }
    return html`${failure === null ? nothing : banner('warning', failure, retry)}
    ${progressLine(loading, 'Looking at the pool')} ${this.renderBody(data)}`;
  }
}

function renderStaying({ staying, host }: PoolDiskReport): TemplateResult | typeof nothing {
  if (staying.length === 0) return nothing;
  return html`<div class="disk-order">
    <h3>What stays</h3>
    <div class="wide-table" tabindex="0" role="region" aria-label="What stays on ${host}">
      <table class="small-table">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th class="numeric" scope="col">GiB</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          ${staying.map(
            ({ model, bytes, reason }) =>
              html`<tr>
                <th scope="row" title=${model}>${shortName(model)}</th>
                <td class="numeric">${gib(bytes)}</td>
                <td class="muted">${STAYS_BECAUSE[reason]}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

customElements.define('mp-pool-tab', PoolTab);
