import { expect, it } from 'vitest';
import { createLogger } from '../../../src/shared/logger';

it('writes an event alone, or with its facts as JSON', () => {
  const lines: string[] = [];
  const logger = createLogger((level, line) => lines.push(`${level} ${line}`));
  logger.log('info', 'engine.started');
  logger.log('warn', 'pull.failed', { attempt: 2, code: 'disk_full', why: undefined });
  expect(lines).toEqual(['info engine.started', 'warn pull.failed {"attempt":2,"code":"disk_full"}']);
});

it('lets no secret and no content through, however deep it stands', () => {
  const lines: string[] = [];
  const logger = createLogger((_level, line) => lines.push(line));
  logger.log('error', 'call.failed', {
    error: new Error('401 for http://me:hunter22@gpubox with Bearer a1b2c3d4e5'),
    request: { headers: { authorization: 'Bearer a1b2c3d4e5' }, prompt: 'a private question' },
  });
  expect(lines[0]).not.toMatch(/hunter22|a1b2c3|private/);
  expect(lines[0]).toContain('gpubox');
});

it('survives facts that cannot be written', () => {
  const lines: string[] = [];
  const logger = createLogger((_level, line) => lines.push(line));
  const circular: Record<string, unknown> = { big: 1n };
  circular['self'] = circular;
  logger.log('debug', 'odd.facts', circular);
  expect(lines[0]).toMatch(/^odd\.facts \{"big":"1"/);
});
