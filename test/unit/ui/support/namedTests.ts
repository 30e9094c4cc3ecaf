import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../../support/repository';

/** Where tests lie, for names such as `e2e/menus`. */
export const testsFolder = path.join(repositoryRoot, 'test');

/** A test that is not skipped: its name and its program as they are written. */
interface NamedTest {
  readonly name: string;
  readonly program: string;
}

/** The tests of a file, such as `e2e/menus`. */
function testsOf(file: string): readonly NamedTest[] {
  const source = readFileSync(path.join(testsFolder, `${file}.test.ts`), 'utf8');
  const calls = [...source.matchAll(/\b(?:it|test)(?:\.each\([^]*?\))?\(\s*(['"`])([^]*?)\1,/g)];
  return calls.map(({ 2: name = '', index }, place) => ({
    name,
    program: source.slice(index, calls[place + 1]?.index),
  }));
}

/** The test of a file whose name begins so; undefined where there is none, or it is skipped. */
export function testNamed(file: string, name: string): NamedTest | undefined {
  return testsOf(file).find((each) => each.name.startsWith(name));
}
