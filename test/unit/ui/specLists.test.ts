import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { SETTING_KEYS } from '../../../src/shared/settings';
import { COMMANDS, commandId } from '../../../src/ui/manifest/commands';
import { contributes } from '../../../src/ui/manifest/contributes';
import { SETTINGS } from '../../../src/ui/manifest/settings';
import { CONTAINER_ID } from '../../../src/ui/manifest/views';

const root = path.join(import.meta.dirname, '../../..');
const sourceOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** The names that the specification of the user interface lists; a new one there is a new line here. */
const TITLES = [
  ...['Rank Models for This Machine', 'Install Model', 'Remove Model', 'Pick Model', 'Ask a Model'],
  ...['Measure a Model', 'Warm Model', 'Explain Route', 'Show Install Command', 'Start Server'],
  ...['Copy Endpoint for Other Tools', 'Open Report', 'Refresh', 'Re-detect Hardware'],
  ...['Measure Memory Bandwidth', 'Set Disk Budget', 'Allow Organisation', 'Approve Proposal'],
  ...['Reject Proposal', 'Reconcile Pool', 'Create Context Variant', 'Add Backend', 'Set API Key'],
  ...['Export Dispatch Records', 'Show Log', 'Copy Diagnostics', 'Reset Model Pool Data'],
] as const;

/**
 * Key, default and scope of each setting. Null is a default that depends on the machine: half of its free disk, and
 * whether Ollama's own extension is there. What escalates to nothing, and hardware that is not overridden, is null too.
 */
const TABLE: readonly (readonly [key: string, fallback: unknown, scope: string])[] = [
  ['backends', [], 'machine'],
  ['hosts', {}, 'machine'],
  ['hardware.override', null, 'machine'],
  ['pool.diskBudgetGb', null, 'machine'],
  ['pool.allowedOrgs', [], 'machine'],
  ['pool.allowedFamilies', [], 'machine'],
  ['pool.autonomy', 'ask', 'machine'],
  ['catalog.online', true, 'machine'],
  ['refresh.intervalHours', 24, 'machine'],
  ['refresh.proposalThreshold', 5, 'machine'],
  ['probe.localMinutes', 15, 'machine'],
  ['probe.hostedHours', 24, 'machine'],
  ['route.task', 'general', 'application'],
  ['route.escalation', null, 'application'],
  ['thinking', 'off', 'application'],
  ['retry', true, 'application'],
  ['chat.includePlainOllama', null, 'application'],
  ['chat.autoEntries', true, 'application'],
  ['warmOnPick', false, 'application'],
  ['records.retentionDays', 30, 'machine'],
  ['records.maxMb', 200, 'machine'],
  ['modelfile.otherFiles', false, 'window'],
];

/** What package.json says of where the extension runs. */
const RUNS = z.object({
  engines: z.object({ vscode: z.literal('^1.127.0') }),
  extensionKind: z.tuple([z.literal('workspace'), z.literal('ui')]),
  activationEvents: z.tuple([z.literal('onStartupFinished')]),
  capabilities: z.object({ virtualWorkspaces: z.literal(true) }),
});

const TOOLS = ['model_pool_list_models', 'model_pool_rank', 'model_pool_explain_route', 'model_pool_install'];
const VIEWS = ['Pool', 'Recommended', 'Proposals'];
/** Picking has a meaning of its own in the product, so that step is titled in other words. */
const STEPS = ['machine', 'pick', 'install', 'chat'];

describe('the lists of the specification', () => {
  it('have a command each, with its title and an implementation', () => {
    const titles = new Map(Object.entries(COMMANDS).map(([key, { title }]) => [title as string, key]));
    const implementations = sourceOf('src/ui/commandTable.ts');
    for (const title of TITLES) {
      const key = titles.get(title);
      expect(key, title).toBeDefined();
      expect(contributes.commands, title).toContainEqual(
        expect.objectContaining({ command: `modelPool.${key ?? ''}`, title, category: 'Model Pool' }),
      );
      expect(implementations, title).toMatch(new RegExp(`\\b${key ?? ''}: \\(|\\b${key ?? ''}: async \\(`));
    }
  });

  it('have every command of theirs in the palette, at least while it can do something', () => {
    const hidden = contributes.menus.commandPalette.filter(({ when }) => when === 'false');
    const shown = Object.entries(COMMANDS).filter(([, { title }]) =>
      TITLES.some((listed) => listed === title),
    );
    expect(shown).toHaveLength(TITLES.length);
    for (const [key] of shown) {
      expect(hidden.map(({ command }) => command)).not.toContain(commandId(key as keyof typeof COMMANDS));
    }
  });

  it.each(TABLE)('have the setting %s with its default and scope', (key, fallback, scope) => {
    const fields = Object.keys(SETTING_KEYS) as (keyof typeof SETTING_KEYS)[];
    const field = fields.find((each) => SETTING_KEYS[each] === key);
    const { schema, scope: found, description } = field ? SETTINGS[field] : {};
    expect({ default: schema?.['default'], scope: found }).toEqual({ default: fallback, scope });
    expect(description).toMatch(/\.$/);
  });

  it('have where it runs and when it starts', () => {
    expect(() => RUNS.parse(JSON.parse(sourceOf('package.json')))).not.toThrow();
  });

  it('have every view, tool and step of the walkthrough', () => {
    expect(contributes.views[CONTAINER_ID].map(({ name }) => name)).toEqual(VIEWS);
    expect(contributes.languageModelTools.map(({ name }) => name)).toEqual(TOOLS);
    expect(contributes.walkthroughs.map(({ steps }) => steps.map(({ id }) => id))).toEqual([STEPS]);
    const registered = sourceOf('src/ui/languageModelTools.ts');
    for (const name of TOOLS) expect(registered).toContain(`register('${name}'`);
  });
});

describe('the language model tools', () => {
  it.each(contributes.languageModelTools)('$name tells people and models what it is', (tool) => {
    expect(tool.name).toMatch(/^[\w-]+$/);
    expect(tool.toolReferenceName).toMatch(/^[A-Za-z]+$/);
    expect(tool.modelDescription.length).toBeGreaterThan(150);
    expect(tool.userDescription).toMatch(/\.$/);
    const { type, properties } = tool.inputSchema as {
      type: string;
      properties: Record<string, { description?: string }>;
    };
    expect(type).toBe('object');
    for (const [name, property] of Object.entries(properties))
      expect(property.description, name).toBeDefined();
  });

  it('need no input but the model to install', () => {
    const required = contributes.languageModelTools.map(({ inputSchema }) => inputSchema.required ?? []);
    expect(required).toEqual([[], [], [], ['modelId']]);
  });
});

describe('the walkthrough', () => {
  const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);

  it.each(steps)('has a picture of its own for "$title" that follows the theme', ({ media }) => {
    const svg = sourceOf(media.svg);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox=/);
    // Every colour is the theme's; the one after the comma is for programs that have none.
    const colours = [...svg.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map((match) => match[1]);
    expect(colours.length).toBeGreaterThan(3);
    for (const colour of colours)
      expect(colour).toMatch(/^(?:none|var\(--vscode-[A-Za-z-]+, #[0-9a-f]{6}\))$/);
    expect(svg).not.toMatch(/<script|<image|href|<style|on\w+=/);
    expect(media.altText).toMatch(/\.$/);
  });

  it.each(steps)('ends "$title" by what VS Code can see, and links to what there is', (step) => {
    expect(step.completionEvents.length).toBeGreaterThan(0);
    const ids = contributes.commands.map(({ command }) => command);
    const views = contributes.views[CONTAINER_ID].map(({ id }) => id);
    for (const event of step.completionEvents) {
      const [kind = '', name = ''] = event.split(':');
      if (kind === 'onCommand') expect([...ids, ...views.map((id) => `${id}.focus`)]).toContain(name);
      else if (kind === 'onView') expect(views).toContain(name);
      else expect(kind).toBe('onContext');
    }
    const linked = [...step.description.matchAll(/\(command:([\w.]+)\)/g)].map((match) => match[1]);
    const known = [...ids, ...views.map((id) => `${id}.focus`), 'workbench.action.chat.open'];
    expect(linked.length).toBeGreaterThan(0);
    for (const id of linked) expect(known).toContain(id);
  });
});
