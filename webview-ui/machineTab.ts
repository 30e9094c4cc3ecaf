import { html, LitElement, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { Machine } from '../src/shared/machineMessage';
import type { PageMessage } from '../src/shared/reportMessages';
import { calibrationSentences, formatPercent, signedError } from './calibrationText';
import { formatAbsolute, formatNumber, formatRate, formatRelative, UNKNOWN } from './format';
import { checkIcon, warningIcon } from './icons';
import { loadedTable, memoryMap } from './machineMemory';
import type { MachineData } from './pageData';
import { banner, failureView, loadingView, progressLine } from './stateViews';

type MeasuredRow = Machine['measured'][number];

/** The Machine tab: what this machine is, what its memory holds, and how fast it really is. */
export class MachineTab extends LitElement {
  static override readonly properties = {
    machine: { attribute: false },
    nowMs: { attribute: false },
  };

  declare machine: MachineData | null;
  declare nowMs: number;
  /** Wired by the page. */
  send: (message: PageMessage) => void = () => undefined;
  reload: () => void = () => undefined;

  constructor() {
    super();
    this.machine = null;
    this.nowMs = 0;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  private renderHead({ title, memoryLine, detectedAt, warnings }: Machine): TemplateResult {
    return html`<header class="machine">
      <div class="machine-line">
        <h2>${title}</h2>
        <span class="muted machine-memory">${memoryLine}</span>
        <span class="muted snapshot" title=${detectedAt === null ? '' : formatAbsolute(detectedAt)}
          >${
            detectedAt === null
              ? 'As described in the settings'
              : `Detected ${formatRelative(detectedAt, this.nowMs)}`
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
      <h3 id="measured-here">Measured here</h3>
      ${
        measured.length === 0
          ? html`<p class="muted">
              Nothing was measured on this machine yet, so every speed is an estimate. Run the command
              <em>Model Pool: Measure a Model</em>: its speed is then known, and the estimates of all other
              models get better with it. Calls that you make are measured by the way where their server times
              them.
            </p>`
          : html`${calibrationSentences(machine).map((sentence) => html`<p>${sentence}</p>`)}
            ${this.renderTable(measured)}`
      }
      <p class="actions">
        <vscode-button secondary @click=${() => this.send({ type: 'measureModel' })}
          >Measure a Model</vscode-button
        >
      </p>
    </section>`;
  }

  private renderTable(rows: readonly MeasuredRow[]): TemplateResult {
    return html`<div class="wide-table" tabindex="0" role="region" aria-label="Measured models">
      <table class="small-table measured-table">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Quant</th>
            <th class="numeric" scope="col" title="Tokens in the context while it was measured">Context</th>
            <th class="numeric" scope="col">Measured tok/s</th>
            <th class="numeric" scope="col" title="What would be said without any measurement">Estimated</th>
            <th class="numeric" scope="col" title="The estimate against what was measured">Error</th>
            <th
              class="numeric"
              scope="col"
              title="The estimate after calibration by the other models that were measured"
            >
              Calibrated
            </th>
            <th class="numeric" scope="col" title="The calibrated estimate against what was measured">
              Error after
            </th>
            <th scope="col">How</th>
            <th scope="col">When</th>
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
        ? 'The catalogue does not know this model, or it does not fit by our estimate: nothing to compare with'
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
      <td>${row.from === 'measure' ? 'Measure' : 'from a call'}</td>
      <td title=${formatAbsolute(row.measuredAt)}>${formatRelative(row.measuredAt, this.nowMs)}</td>
    </tr>`;
  }

  private renderBody(machine: Machine): TemplateResult {
    return html`${this.renderHead(machine)}
      <div class="machine-body" tabindex="0" role="region" aria-label="This machine">
        ${memoryMap(machine)}
        ${
          machine.facts.length === 0
            ? nothing
            : html`<section>
                <h3>Hardware</h3>
                <dl class="facts">
                  ${machine.facts.map(
                    ({ name, value }) =>
                      html`<div>
                        <dt>${name}</dt>
                        <dd>${value}</dd>
                      </div>`,
                  )}
                </dl>
              </section>`
        }
        ${loadedTable(machine.loaded)} ${this.renderMeasured(machine)}
      </div>`;
  }

  protected override render(): unknown {
    if (!this.machine) return nothing;
    const { data, failure, loading } = this.machine;
    const retry = { label: 'Try Again', run: this.reload };
    if (!data) {
      return failure === null
        ? loadingView('Looking at this machine…')
        : failureView('This machine could not be looked at', failure, retry);
    }
    return html`${failure === null ? nothing : banner('warning', failure, retry)}
    ${progressLine(loading, 'Looking at this machine')} ${this.renderBody(data)}`;
  }
}

function errorText(estimated: number | null, measured: number): string {
  if (estimated === null) return UNKNOWN;
  const error = signedError(estimated, measured);
  const sign = error < 0 ? '−' : '+';
  return `${sign}${formatPercent(Math.abs(error))}`;
}

customElements.define('mp-machine-tab', MachineTab);
