import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTING_KEYS } from '../../../src/shared/settings';
import { COMMANDS } from '../../../src/ui/manifest/commands';
import { repositoryRoot } from '../../support/repository';

const DOCS = readdirSync(path.join(repositoryRoot, 'docs')).map((name) => `docs/${name}`);
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'data/PROVENANCE.md', ...DOCS];

const textOf = (page: string): string => readFileSync(path.join(repositoryRoot, page), 'utf8');

/** The part after `#` by which GitHub and VS Code know a heading. */
function anchorsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documentation', () => {
  it.each(PAGES)('leads to files and headings that exist: %s', (page) => {
    const targets = [...textOf(page).matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(
      ([, target = '']) => target,
    );
    for (const target of targets) {
      const [file = '', anchor] = target.split('#');
      const absolute = path.resolve(repositoryRoot, path.dirname(page), file);
      const to = file === '' ? page : path.relative(repositoryRoot, absolute);
      expect(existsSync(path.join(repositoryRoot, to)), `${page} links to ${target}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(to), `${page} links to ${target}`).toContain(anchor);
    }
  });

  it('is reached from the README, every page of it', () => {
    const readme = textOf('README.md');
    for (const page of DOCS) expect(readme).toContain(`(${page})`);
  });

  it.each(DOCS)('names no setting that does not exist: %s', (page) => {
    const known = new Set<string>(Object.values(SETTING_KEYS).map((key) => `modelPool.${key}`));
    const named = [...textOf(page).matchAll(/`(modelPool\.[A-Za-z.]+)`/g)].map(([, key = '']) => key);
    expect(named.filter((key) => !known.has(key))).toEqual([]);
  });

  it.each(['README.md', ...DOCS])('names no command that does not exist: %s', (page) => {
    const titles = new Set<string>(Object.values(COMMANDS).map(({ title }) => title));
    const named = [...textOf(page).matchAll(/\*\*Model Pool: ([^*]+)\*\*/g)].map(([, title = '']) =>
      title.replaceAll(/\s+/g, ' '),
    );
    expect(named.filter((title) => !titles.has(title))).toEqual([]);
  });
});
