import * as l10n from '@vscode/l10n';
import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { infoIcon, warningIcon } from './icons';

/** What a tab shows instead of, or above, its table. */

export interface Action {
  readonly label: string;
  readonly run: () => void;
}

function button(action: Action): TemplateResult {
  return html`<vscode-button secondary @click=${action.run}>${action.label}</vscode-button>`;
}

/** Nothing to show yet, and why; `what to do` as text, and a button where there is one thing to press. */
export function emptyView(title: string, text: string, action?: Action): TemplateResult {
  return html`<div class="blank">
    <h2>${title}</h2>
    <p>${text}</p>
    ${action ? button(action) : nothing}
  </div>`;
}

export function loadingView(text: string): TemplateResult {
  return html`<div class="blank" role="status"><p>${text}</p></div>`;
}

export function failureView(title: string, message: string, retry: Action): TemplateResult {
  return html`<div class="blank" role="alert">
    <h2><span class="mark-error">${warningIcon}</span>${title}</h2>
    <p>${message}</p>
    ${button(retry)}
  </div>`;
}

/** One line above a table that still shows what it has. */
export function banner(kind: 'warning' | 'info', text: string, action?: Action): TemplateResult {
  return html`<div class="banner ${kind}" role=${kind === 'warning' ? 'alert' : 'status'}>
    <span class="mark-${kind}">${kind === 'warning' ? warningIcon : infoIcon}</span>
    <span class="banner-text">${text}</span>
    ${action ? button(action) : nothing}
  </div>`;
}

/** A thin line under the toolbar while an answer is awaited; keeps its place when there is none. */
export function progressLine(active: boolean, label: string): TemplateResult {
  return html`<div class="progress">
    ${active ? html`<div class="progress-bit" role="progressbar" aria-label=${label}></div>` : nothing}
  </div>`;
}

/** The page and the extension are not of one version. */
export function misunderstoodText(): string {
  return l10n.t(
    'The extension sent something that this page cannot read: one of them is from another version. Close this report and open it again; if this stays, reload the window.',
  );
}
