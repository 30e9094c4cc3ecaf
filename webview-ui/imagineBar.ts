import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing } from 'lit';
import type { PropertyValues } from 'lit';
import { NO_DEVICE } from '../src/shared/imaginedMachine';
import type { ImaginableDevice, ImaginedMachine } from '../src/shared/imaginedMachine';
import { deviceNamed, noDeviceName } from './imaginedText';

/** What to imagine a machine with; asks for a ranking on it when all of it is known. */
export class ImagineBar extends LitElement {
  static override readonly properties = {
    devices: { attribute: false },
    machine: { attribute: false },
    name: { state: true },
    count: { state: true },
    ramGib: { state: true },
    problem: { state: true },
    asked: { state: true },
  };

  /** Null while they are awaited. */
  declare devices: readonly ImaginableDevice[] | null;
  /** What is imagined now. */
  declare machine: ImaginedMachine | null;
  imagine: (machine: ImaginedMachine) => void = () => undefined;
  end: () => void = () => undefined;

  declare private name: string | null;
  declare private count: number | null;
  declare private ramGib: number | null;
  declare private problem: string | null;
  /** Whether it was asked before the devices were there: it is answered when they come. */
  declare private asked: boolean;

  constructor() {
    super();
    this.devices = null;
    this.machine = null;
    this.name = null;
    this.count = null;
    this.ramGib = null;
    this.problem = null;
    this.asked = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('devices') && this.asked) this.submit();
  }

  private readonly submit = (event?: Event): void => {
    event?.preventDefault();
    this.asked = this.devices === null;
    if (this.devices === null) return;
    const device = deviceNamed(this.devices, this.shownName());
    if (device === null) {
      this.problem = l10n.t('Choose a device of the list; type a part of its name to find it.');
      return;
    }
    this.problem = null;
    const { machine } = this;
    this.imagine({
      device: device.id,
      count: device.sharesMemory ? 1 : (this.count ?? machine?.count ?? 1),
      ramGib: device.sharesMemory && device.memoryGib !== null ? device.memoryGib : this.shownRam(),
    });
  };

  private shownName(): string {
    if (this.name !== null) return this.name;
    const { machine, devices } = this;
    if (machine === null) return '';
    if (machine.device === NO_DEVICE) return noDeviceName();
    return devices?.find(({ id }) => id === machine.device)?.name ?? '';
  }

  private shownRam(): number {
    return this.ramGib ?? this.machine?.ramGib ?? 32;
  }

  protected override render(): unknown {
    const name = this.shownName();
    const device = deviceNamed(this.devices ?? [], name);
    const alone = device?.sharesMemory === true;
    const number = (event: Event): number | null => {
      const value = event.currentTarget instanceof HTMLInputElement ? event.currentTarget.valueAsNumber : NaN;
      return Number.isFinite(value) ? value : null;
    };
    return html`<form class="imagine" aria-label=${l10n.t('Simulated hardware')} @submit=${this.submit}>
      <label>
        <span>${l10n.t('What if it had')}</span>
        <input
          class="device"
          list="imaginable-devices"
          aria-label=${l10n.t('GPU or chip')}
          placeholder=${this.devices === null ? l10n.t('Loading devices…') : l10n.t('GPU or chip, by name')}
          maxlength="200"
          required
          .value=${name}
          @input=${(event: Event) => {
            if (event.currentTarget instanceof HTMLInputElement) this.name = event.currentTarget.value;
            this.problem = null;
          }}
        />
        <datalist id="imaginable-devices">
          <option value=${noDeviceName()}></option>
          ${(this.devices ?? []).map((one) => html`<option value=${one.name}></option>`)}
        </datalist>
      </label>
      <label>
        <span>${l10n.t('Number')}</span>
        <input
          type="number"
          min="1"
          max="16"
          required
          ?disabled=${alone}
          .value=${String(alone ? 1 : (this.count ?? this.machine?.count ?? 1))}
          @input=${(event: Event) => (this.count = number(event))}
        />
      </label>
      <label>
        <span>${l10n.t('RAM GiB')}</span>
        <input
          type="number"
          min="1"
          max="4096"
          required
          ?disabled=${alone && device.memoryGib !== null}
          .value=${String(alone && device.memoryGib !== null ? device.memoryGib : this.shownRam())}
          @input=${(event: Event) => (this.ramGib = number(event))}
        />
      </label>
      <button type="submit" hidden></button>
      <vscode-button @click=${() => this.querySelector('form')?.requestSubmit()}
        >${l10n.t('Rank')}</vscode-button
      >
      <vscode-button secondary @click=${this.end}
        >${this.machine === null ? l10n.t('Cancel') : l10n.t('Back to This Machine')}</vscode-button
      >
      ${this.asked ? html`<span class="muted" role="status">${l10n.t('Loading devices…')}</span>` : nothing}
      ${this.problem === null ? nothing : html`<span class="mark-error" role="alert">${this.problem}</span>`}
    </form>`;
  }
}

customElements.define('mp-imagine-bar', ImagineBar);
