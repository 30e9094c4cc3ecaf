import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';

const NAME = 'qwen3:8b';
const VARIANT = 'qwen3:8b-16k';
const COMMAND = 'Create Context Variant';

/** A card on which the model fits with 16,384 tokens and not with all 40,960 that it was made for. */
const MACHINE = { platform: 'nvidia', vramGb: 9, ramGb: 64, bandwidthGbps: 400 } as const;

describe('a variant of a model with another context', () => {
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    ollama = await startFakeOllama({
      installed: {
        [NAME]: describeModel({
          ...{ family: 'qwen3', parameterSize: '8.2B', contextLength: 40_960, weightsBytes: 5_225_374_912 },
          capabilities: ['completion', 'tools'],
        }),
      },
    });
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
        'modelPool.hardware.override': MACHINE,
      },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.openOurViews();
    await workbench.tree('Pool').waitForLabels([NAME]);
  });
  afterAll(() => ollama.stop());

  function asked(path: string): number {
    return ollama.requests.filter((request) => request.path === path).length;
  }

  /** The card behind a row, as soon as it says this. */
  function card(name: string, says: string): Promise<string> {
    return eventually(`"${says}" in the card`, async () => {
      const text = await editor().workbench.tree('Pool').row(name).tooltip();
      return text.includes(says) ? text : undefined;
    });
  }

  it('offers contexts with the memory that each takes, and says which are too many', async () => {
    const { workbench } = editor();
    await workbench.tree('Pool').row(NAME).chooseFromMenu(COMMAND);
    const options = await workbench.quickInput.waitForOptions('contexts', (found) => found.length > 4);
    const labels = options.map(({ label }) => label);
    for (const label of ['4k', '8k', '16k', '32k', '40k', 'Other…']) expect(labels).toContain(label);
    const of = (label: string) => options.find((option) => option.label === label);
    expect(of('16k')?.detail).toMatch(/^takes ~\d\.\d GiB · fits the GPU$/);
    expect(of('40k')?.detail).toMatch(/takes ~1\d\.\d GiB · GPU and RAM, slower$/);
    expect(of('40k')?.description).toBe("the model's maximum");
    const largest = options.filter(({ description }) => description === 'largest that fits');
    expect(largest).toHaveLength(1);
    expect(largest[0]?.detail).toContain('fits the GPU');
    await workbench.screenshot('context-choices-dark');
    await workbench.quickInput.choose('16k');
  });

  it('proposes a name, shows what is written before it is, and lists what was made', async () => {
    const { workbench } = editor();
    await eventually('the proposed name', async () =>
      (await workbench.quickInput.value()) === VARIANT ? true : undefined,
    );
    await workbench.screenshot('context-name-dark');
    await workbench.quickInput.enter(VARIANT);
    expect(await workbench.dialog.message()).toBe(`Create ${VARIANT}?`);
    const detail = await workbench.dialog.detail();
    expect(detail).toContain(`FROM ${NAME}\nPARAMETER num_ctx 16384`);
    expect(detail).toContain('no extra disk to speak of');
    expect(detail).toMatch(/With a context of 16k it takes about 7\.\d GiB of memory: fits the GPU\.$/);
    await workbench.screenshot('context-consent-dark');
    expect(asked('/api/create')).toBe(0);
    await workbench.dialog.press('Create');
    await workbench.notifications.waitFor(/qwen3:8b-16k was created: qwen3:8b with a context of 16k\./);
    await workbench.tree('Pool').waitForLabels([VARIANT]);
    await workbench.notifications.press(/was created/, 'Pick It');
    await workbench.statusBarItem('modelPool.status').waitForText(/qwen3:8b-16k/);
    // Making it and picking it loaded nothing.
    expect(asked('/api/generate') + asked('/api/chat')).toBe(0);
  });

  it('is loaded with its context, which its row tells before and after', async () => {
    const { workbench } = editor();
    await card(VARIANT, 'Context 40k');
    await workbench.openQuestion('Model Pool: Warm Model');
    await workbench.quickInput.choose(VARIANT);
    const text = await workbench.notifications.waitFor(/was loaded/);
    expect(text).toContain('Its context is 16k.');
    await workbench.notifications.clear();
    expect(await card(VARIANT, 'Context 16k of 40k')).toContain(VARIANT);
    await workbench.screenshot('context-variant-loaded-dark');
    expect(ollama.runners.list().map(({ contextTokens }) => contextTokens)).toEqual([16_384]);
  });

  it('takes any other number, and replaces nothing without saying so', async () => {
    const { workbench } = editor();
    await workbench.openQuestion(`Model Pool: ${COMMAND}`);
    await workbench.quickInput.choose(NAME);
    await workbench.quickInput.choose('Other…');
    await workbench.quickInput.type('plenty');
    await eventually('what is wrong', async () =>
      (await workbench.quickInput.message()).includes('A number of tokens') ? true : undefined,
    );
    await workbench.quickInput.type('64k');
    await eventually('the limit', async () =>
      (await workbench.quickInput.message()).includes('At most 40960 tokens') ? true : undefined,
    );
    await workbench.quickInput.type('12k');
    await eventually('the memory', async () =>
      /takes ~\d\.\d GiB/.test(await workbench.quickInput.message()) ? true : undefined,
    );
    await workbench.quickInput.enter('12k');
    await eventually('the proposed name', async () =>
      (await workbench.quickInput.value()) === 'qwen3:8b-12k' ? true : undefined,
    );
    await workbench.quickInput.enter(VARIANT);
    expect(await workbench.dialog.message()).toBe(`Replace ${VARIANT}?`);
    expect(await workbench.dialog.detail()).toContain('is installed already');
    await workbench.screenshot('context-replace-dark');
    await workbench.dialog.press('Cancel');
    expect(asked('/api/create')).toBe(1);
  });
});
