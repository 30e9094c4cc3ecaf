import '@vscode-elements/elements/dist/vscode-button/index.js';
import { VscodeCheckbox } from '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import { html } from 'lit';
import type { TemplateResult } from 'lit';
import { chevronDownIcon } from './icons';

/** The toolbar's fields, each with a name for screen readers and a typed answer. */

export function filterField(label: string, value: string, changed: (text: string) => void): TemplateResult {
  const read = (event: Event): void => {
    if (event.currentTarget instanceof HTMLInputElement) changed(event.currentTarget.value);
  };
  return html`<input
    class="filter"
    type="search"
    spellcheck="false"
    aria-label=${label}
    placeholder=${label}
    maxlength="500"
    .value=${value}
    @input=${read}
  />`;
}

export function toggle(
  label: string,
  title: string,
  checked: boolean,
  changed: (checked: boolean) => void,
): TemplateResult {
  const read = (event: Event): void => {
    if (event.currentTarget instanceof VscodeCheckbox) changed(event.currentTarget.checked);
  };
  return html`<vscode-checkbox
    label=${label}
    title=${title}
    ?checked=${checked}
    @change=${read}
  ></vscode-checkbox>`;
}

/** The browser's own list: it costs nothing, and every screen reader knows it. Null stands for no choice. */
export function choice<Value extends string | null>(
  label: string,
  options: readonly (readonly [Value, string])[],
  value: Value,
  changed: (value: Value) => void,
): TemplateResult {
  return html`<label class="choice">
    <span>${label}</span>
    ${menu(label, options, value, changed)}
  </label>`;
}

/** The same without a label in sight, where the first option says what it is a choice of. */
export function menu<Value extends string | null>(
  label: string,
  options: readonly (readonly [Value, string])[],
  value: Value,
  changed: (value: Value) => void,
): TemplateResult {
  const read = (event: Event): void => {
    if (!(event.currentTarget instanceof HTMLSelectElement)) return;
    const option = options[event.currentTarget.selectedIndex];
    if (option) changed(option[0]);
  };
  return html`<span class="select">
    <select aria-label=${label} @change=${read}>
      ${options.map(
        ([candidate, text]) =>
          html`<option value=${candidate ?? ''} .selected=${candidate === value}>${text}</option>`,
      )}
    </select>
    ${chevronDownIcon}
  </span>`;
}
