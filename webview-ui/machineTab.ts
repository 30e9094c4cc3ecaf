import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { Machine } from '../src/shared/machineMessage';
import type { PageMessage } from '../src/shared/reportMessages';
import { formatMoment } from '../src/shared/timeText';
import { calibrationSentences, formatPercent, signedError } from './calibrationText';
import { formatNumber, formatRate, formatRelative, UNKNOWN } from './format';
import { checkIcon, warningIcon } from './icons';
import { KeptScroll, scrolledTo } from './keptScroll';
import { loadedTable, memoryTable } from './machineMemory';
import type { MachineData } from './pageData';
import { banner, failureView, loadingView, progressLine } from './stateViews';

type MeasuredRow = Machine['measured'][number];

/** The Machine tab: what this machine is, what its memory holds, and how fast it really is. */
export class MachineTab extends LitElement {
  static override readonly properties = {
    machine: { attribute: false },
    isShown: { attribute: false },
    nowMs: { attribute: false },
  };

  declare machine: MachineData | null;
  declare isShown: boolean;
  declare nowMs: number;
  /** Wired by the page. */
  send: (message: PageMessage) => void = () => undefined;
  reload: () => void = () => undefined;
  /** Where the tab was left, pixels. */
  keptScrollTop = 0;
  keepScrollTop: (scrollTop: number) => void = () => undefined;

  private readonly place = new KeptScroll();

  constructor() {
    super();
    this.machine = null;
    this.isShown = false;
    this.nowMs = 0;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(): void {
    this.place.restore(this.querySelector<HTMLElement>('.machine-body'), this.keptScrollTop);
  }

  private readonly onScroll = (event: Event): void => {
    const top = scrolledTo(event);
    if (top !== null) this.keepScrollTop(top);
  };

  private renderHead({ title, memoryLine, detectedAt, warnings }: Machine): TemplateResult {
    return html`<header class="machine">
      <div class="machine-line">
        <h2>${title}</h2>
        <span class="muted machine-memory">${memoryLine}</span>
        <span class="muted snapshot" title=${detectedAt === null ? '' : formatMoment(detectedAt)}
          >${
            detectedAt === null
              ? l10n.t('As described in the settings')
              : l10n.t('Detected {0}', formatRelative(detectedAt, this.nowMs))
          }</span
        >
      </div>
      ${warnings.map(
        (text) =>
          html`<p class="machine-warning"><span class="mark-warning">${warningIcon}</span>${text}</p>`,
      )}
    </header>`;
  }

  private renderMeasured(machine: Machine): TemplateResult {
    const { measured } = machine;
    return html`<section class="machine-measured" aria-labelledby="measured-here">
      <h3 id="measured-here">${l10n.t('Measured here')}</h3>
      ${
        measured.length === 0
          ? html`<p class="muted">
              ${l10n.t(
                'Nothing was measured on this machine yet, so every speed is an estimate. Run the command Model Pool: Measure a Model: its speed is then known, and the estimates of all other models get better with it. Calls that you make are measured by the way where their server times them.',
              )}
            </p>`
          : html`${calibrationSentences(machine).map((sentence) => html`<p>${sentence}</p>`)}
            ${this.renderTable(measured)}`
      }
      <p class="actions">
        <vscode-button secondary @click=${() => this.send({ type: 'measureModel' })}
          >${l10n.t('Measure a Model')}</vscode-button
        >
      </p>
    </section>`;
  }

  /** What can be looked at anew of a machine that nobody described. */
  private renderLooks(): TemplateResult {
    return html`<p class="actions">
      <vscode-button secondary @click=${() => this.send({ type: 'run', command: 'redetectHardware' })}
        >${l10n.t('Re-detect Hardware')}</vscode-button
      >
      <vscode-button secondary @click=${() => this.send({ type: 'run', command: 'measureBandwidth' })}
        >${l10n.t('Measure Memory Bandwidth')}</vscode-button
      >
    </p>`;
  }

  private renderTable(rows: readonly MeasuredRow[]): TemplateResult {
    return html`<div class="wide-table" tabindex="0" role="region" aria-label=${l10n.t('Measured models')}>
      <table class="small-table measured-table">
        <thead>
          <tr>
            <th scope="col">${l10n.t('Model')}</th>
            <th scope="col">${l10n.t('Quant')}</th>
            ${numericHead(l10n.t('Context'), l10n.t('Tokens in the context while it was measured'))}
            ${numericHead(l10n.t('Measured tok/s'))}
            ${numericHead(l10n.t('Estimated'), l10n.t('What would be said without any measurement'))}
            ${numericHead(l10n.t('Error'), l10n.t('The estimate against what was measured'))}
            ${numericHead(
              l10n.t('Calibrated'),
              l10n.t('The estimate after calibration by the other models that were measured'),
            )}
            ${numericHead(l10n.t('Error after'), l10n.t('The calibrated estimate against what was measured'))}
            <th scope="col">${l10n.t('How')}</th>
            <th scope="col">${l10n.t('When')}</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => this.renderRow(row))}
        </tbody>
      </table>
    </div>`;
  }

  private renderRow(row: MeasuredRow): TemplateResult {
    const { measuredTokPerSec: measured, estimatedTokPerSec, calibratedTokPerSec } = row;
    const why =
      estimatedTokPerSec === null
        ? l10n.t(
            'The catalogue does not know this model, or it does not fit by our estimate: nothing to compare with',
          )
        : '';
    return html`<tr>
      <th scope="row" title=${why}>${row.model}</th>
      <td>${row.quant}</td>
      <td class="numeric">${formatNumber(row.readTokens)}</td>
      <td class="numeric"><span class="measured-rate">${checkIcon}${formatRate(measured)}</span></td>
      <td class="numeric">${formatRate(estimatedTokPerSec)}</td>
      <td class="numeric">${errorText(estimatedTokPerSec, measured)}</td>
      <td class="numeric">${formatRate(calibratedTokPerSec)}</td>
      <td class="numeric">${errorText(calibratedTokPerSec, measured)}</td>
      <td>${row.from === 'measure' ? l10n.t('Measure') : l10n.t('from a call')}</td>
      <td title=${formatMoment(row.measuredAt)}>${formatRelative(row.measuredAt, this.nowMs)}</td>
    </tr>`;
  }

  private renderBody(machine: Machine): TemplateResult {
    return html`${this.renderHead(machine)}
      <div
        class="machine-body"
        tabindex="0"
        role="region"
        aria-label=${l10n.t('This machine')}
        @scroll=${this.onScroll}
      >
        ${memoryTable(machine)}
        ${
          machine.facts.length === 0
            ? nothing
            : html`<section>
                <h3>${l10n.t('Hardware')}</h3>
                <dl class="facts">
                  ${machine.facts.map(
                    ({ name, value }) =>
                      html`<div>
                        <dt>${name}</dt>
                        <dd>${value}</dd>
                      </div>`,
                  )}
                </dl>
                ${machine.detectedAt === null ? nothing : this.renderLooks()}
              </section>`
        }
        ${loadedTable(machine.loaded)} ${this.renderMeasured(machine)}
      </div>`;
  }

  protected override render(): unknown {
    if (!this.machine) return nothing;
    const { data, failure, loading } = this.machine;
    const retry = { label: l10n.t('Try Again'), run: this.reload };
    if (!data) {
      return failure === null
        ? loadingView(l10n.t('Looking at this machine…'))
        : failureView(l10n.t('This machine could not be looked at'), failure, retry);
    }
    return html`${failure === null ? nothing : banner('warning', failure, retry)}
    ${progressLine(loading, l10n.t('Looking at this machine'))} ${this.renderBody(data)}`;
  }
}

function numericHead(label: string, meaning = ''): TemplateResult {
  return html`<th class="numeric" scope="col" title=${meaning}>${label}</th>`;
}

function errorText(estimated: number | null, measured: number): string {
  if (estimated === null) return UNKNOWN;
  const error = signedError(estimated, measured);
  const sign = error < 0 ? '−' : '+';
  return `${sign}${formatPercent(Math.abs(error))}`;
}

customElements.define('mp-machine-tab', MachineTab);
