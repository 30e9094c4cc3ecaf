import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  BACKEND_KINDS,
  DEFAULT_SETTINGS,
  KINDS_WITHOUT_URL,
  parseSettings,
  secretNamePattern,
  SETTING_KEYS,
} from '../../../src/shared/settings';
import { capabilities, contributes, manifestWith } from '../../../src/ui/manifest/contributes';
import { inEnglish } from '../../../src/ui/manifest/manifestText';
import { COMMANDS, commandId } from '../../../src/ui/manifest/commands';
import { VIEW_ITEM_MENU, VIEW_TITLE_MENU } from '../../../src/ui/manifest/menus';
import { SETTINGS, settingKey } from '../../../src/ui/manifest/settings';

const root = path.join(import.meta.dirname, '../../..');
const readJson = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const textsSchema = z.record(z.string(), z.string());
const fieldNames = Object.keys(SETTING_KEYS) as (keyof typeof SETTING_KEYS)[];

describe('the contributions', () => {
  it('stand in package.json as the typed tables say, with their texts in package.nls.json', () => {
    const texts = textsSchema.parse(readJson('package.nls.json'));
    const used: string[] = [];
    const manifest = JSON.parse(
      readFileSync(path.join(root, 'package.json'), 'utf8'),
      (_name, value: unknown) => {
        const key = typeof value === 'string' ? /^%(.+)%$/.exec(value)?.[1] : undefined;
        if (key === undefined) return value;
        used.push(key);
        return texts[key];
      },
    ) as Record<string, unknown>;
    for (const [field, expected] of Object.entries(manifestWith(inEnglish))) {
      expect(manifest[field], field).toEqual(JSON.parse(JSON.stringify(expected)));
    }
    expect(used.sort()).toEqual(Object.keys(texts).sort());
  });

  it('leave no text in package.json that another language would need', () => {
    const left = new Map<string, unknown>();
    const collect = (value: unknown, at: string): void => {
      if (typeof value === 'object' && value !== null) {
        for (const [name, each] of Object.entries(value)) collect(each, `${at}.${name}`);
        // A sentence is for people, unless it says that it is for models.
      } else if (typeof value === 'string' && /[a-z] [a-z].*\.$/.test(value)) left.set(at, value);
    };
    collect(readJson('package.json'), '');
    const forModels = /^\.contributes\.languageModelTools\.\d+\.(?:modelDescription|inputSchema\.)/;
    expect([...left.keys()].filter((at) => !forModels.test(at))).toEqual([]);
    expect(left.size).toBeGreaterThan(5);
  });

  it('call every text by what it is', () => {
    for (const key of Object.keys(textsSchema.parse(readJson('package.nls.json')))) {
      expect(key).toMatch(/^[a-z]\w*(?:\.\w+)*$/);
    }
  });

  it('let no folder that nobody trusts set anything, and say so to its reader', () => {
    const { supported, description, restrictedConfigurations } = capabilities.untrustedWorkspaces;
    expect(supported).toBe('limited');
    expect(restrictedConfigurations).toEqual(Object.keys(contributes.configuration.properties));
    expect(description).toMatch(/does not count/);
  });

  it('give every command a title of its own in title case', () => {
    const titles = Object.values(COMMANDS).map((command) => command.title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const title of titles) expect(title).toMatch(/^[A-Z]/);
  });

  it('show in a menu every command that the palette hides', () => {
    const inMenus = new Set([...VIEW_ITEM_MENU, ...VIEW_TITLE_MENU].map((entry) => entry.command));
    for (const [key, command] of Object.entries(COMMANDS)) {
      if (command.palette === false) expect(inMenus, key).toContain(key);
    }
  });

  it('link only to commands that exist', () => {
    const ids = Object.keys(COMMANDS).map((key) => commandId(key as keyof typeof COMMANDS));
    // VS Code makes the command that shows a view, and has some of its own.
    const links = [...JSON.stringify(contributes).matchAll(/\(command:(modelPool\.\w+)\)/g)];
    expect(links.length).toBeGreaterThan(0);
    for (const [, id] of links) expect(ids).toContain(id);
  });
});

describe('the settings', () => {
  it('each have the default in the schema that the code falls back to', () => {
    for (const field of fieldNames) {
      expect(SETTINGS[field].schema['default'], settingKey(field)).toEqual(DEFAULT_SETTINGS[field]);
    }
  });

  it('put endpoints and hardware out of reach of a repository', () => {
    for (const field of ['backends', 'hardwareOverride', 'hosts', 'probeLocalMinutes'] as const) {
      expect(SETTINGS[field].scope).toBe('machine');
    }
    // This one only shows something, and reaches nothing.
    expect(fieldNames.filter((field) => SETTINGS[field].scope === 'window')).toEqual(['modelfileOtherFiles']);
  });

  it('offer every kind of backend, and ask for an address where the code does', () => {
    const items = SETTINGS.backends.schema['items'] as {
      readonly required: readonly string[];
      readonly properties: Readonly<Record<string, { readonly enum?: unknown; readonly pattern?: string }>>;
      readonly if: unknown;
      readonly else: unknown;
    };
    expect(items.properties['kind']?.enum).toEqual(BACKEND_KINDS);
    expect(items.properties['secretName']?.pattern).toBe(secretNamePattern.source);
    expect(items.required).toEqual(['id', 'kind']);
    expect(items.if).toEqual({ properties: { kind: { enum: KINDS_WITHOUT_URL } } });
    expect(items.else).toEqual({ required: ['url'] });
  });

  it('describe another machine as they describe this one', () => {
    const { additionalProperties, propertyNames } = SETTINGS.hosts.schema as {
      readonly additionalProperties: { readonly required: unknown; readonly properties: unknown };
      readonly propertyNames: unknown;
    };
    expect(additionalProperties.properties).toEqual(SETTINGS.hardwareOverride.schema['properties']);
    expect(additionalProperties.required).toEqual(SETTINGS.hardwareOverride.schema['required']);
    expect(propertyNames).toEqual({ minLength: 1, maxLength: 64, not: { const: 'local' } });
  });

  it('fall back one by one, each bad one named', () => {
    const { settings, problems } = parseSettings({
      task: 'coding',
      probeLocalMinutes: 0,
      hardwareOverride: 'fast',
    });
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, task: 'coding' });
    expect(problems.map((problem) => problem.key)).toEqual([
      'modelPool.hardware.override',
      'modelPool.probe.localMinutes',
    ]);
  });

  it('drop a bad backend and keep the others', () => {
    const good = { id: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:11434' };
    const { settings, problems } = parseSettings({
      backends: [good, { ...good, id: 'Bad Id' }, { ...good }, { ...good, id: 'ftp', url: 'ftp://x' }],
    });
    expect(settings.backends).toEqual([good]);
    expect(problems.map((problem) => problem.key)).toEqual([
      'modelPool.backends[1]',
      'modelPool.backends[2]',
      'modelPool.backends[3]',
    ]);
  });
});
