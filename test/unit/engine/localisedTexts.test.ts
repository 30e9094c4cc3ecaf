import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { tooOld } from '../../../src/backends/minimumVersions';
import { pullFailureOf } from '../../../src/backends/pullErrors';
import { readinessOf, unauthorized } from '../../../src/backends/readiness';
import { describeFailure } from '../../../src/dispatch/failureText';
import { parameterLines } from '../../../src/modelfile/completion';
import { PARAMETERS } from '../../../src/modelfile/parameterTable';
import { unfitSentence } from '../../../src/ranking/fit';
import { TASK_PROFILES } from '../../../src/ranking/tasks';
import { tlsFaultOf } from '../../../src/shared/connectionFault';
import type { HttpFailure } from '../../../src/shared/http';
import { parseSettings } from '../../../src/shared/settings';
import { troubleText } from '../../../src/storage/state/stateMessages';
import { repositoryRoot } from '../../support/repository';

const BUNDLE = path.join(repositoryRoot, 'l10n', 'bundle.l10n.de.json');
const german = z.record(z.string(), z.string());

const GERMAN: Readonly<Record<string, string>> = {
  '{0} refuses us (status {1}).': '{0} weist uns ab (Status {1}).',
  'Update {0} to {1} or newer.': 'Aktualisieren Sie {0} auf {1} oder neuer.',
  'The registry has a fault of its own ({0}). Try again later.':
    'Die Registry hat selbst einen Fehler ({0}). Versuchen Sie es später erneut.',
  '{0} could not answer with {1}{2}.': '{0} konnte nicht mit {1} antworten{2}.',
  '(status {0})': '(Status {0})',
  'Most tokens to generate.': 'Höchstzahl der erzeugten Token.',
  'needs {0} GiB at {1}, {2} usable': 'braucht {0} GiB bei {1}, {2} nutzbar',
  'cannot call tools': 'kann keine Tools aufrufen',
  'Have it renewed, and check the clock of this machine.':
    'Lassen Sie es erneuern, und prüfen Sie die Uhr dieses Rechners.',
  'is no name of an organisation': 'ist kein Name einer Organisation',
  'Model Pool works on in memory and tries again by itself.':
    'Model Pool arbeitet im Speicher weiter und versucht es von selbst erneut.',
};

/** A text of each room; what a table holds included, which was made before anybody knew the language. */
const TEXTS: readonly (readonly [string, () => string | undefined, string, string])[] = [
  [
    'a server that wants a key',
    () => unauthorized(401, 'http://a', 'Ollama').message,
    'http://a refuses us (status 401).',
    'http://a weist uns ab (Status 401).',
  ],
  [
    'a version that is too old',
    () => tooOld('ollama', '0.1.0')?.nextStep,
    'Update Ollama to 0.1.14 or newer.',
    'Aktualisieren Sie Ollama auf 0.1.14 oder neuer.',
  ],
  [
    'a failed download',
    () => pullFailureOf('pull model manifest: 500').message,
    'The registry has a fault of its own (pull model manifest: 500). Try again later.',
    'Die Registry hat selbst einen Fehler (pull model manifest: 500). Versuchen Sie es später erneut.',
  ],
  [
    'a failed call',
    () =>
      describeFailure(
        { code: 'provider_unavailable', status: 503 },
        { backend: 'ollama', host: 'http://a', model: 'm' },
      ).message,
    'ollama could not answer with m (status 503).',
    'ollama konnte nicht mit m antworten (Status 503).',
  ],
  [
    'a parameter of a Modelfile',
    () => parameterLines(PARAMETERS.get('num_predict') ?? never())[0],
    'Most tokens to generate.',
    'Höchstzahl der erzeugten Token.',
  ],
  [
    'a model that does not fit',
    () => unfitSentence(41.23, 32_768, 22.5),
    'needs 41.2 GiB at 32k, 22.5 usable',
    'braucht 41.2 GiB bei 32k, 22.5 nutzbar',
  ],
  [
    'a model that cannot do a task',
    () => TASK_PROFILES.agentic.unable({ toolCalling: false }) ?? undefined,
    'cannot call tools',
    'kann keine Tools aufrufen',
  ],
  [
    'a bad certificate',
    () => tlsFaultOf('CERT_HAS_EXPIRED', 'https://a')?.nextStep,
    'Have it renewed, and check the clock of this machine.',
    'Lassen Sie es erneuern, und prüfen Sie die Uhr dieses Rechners.',
  ],
  [
    'a setting that is wrong',
    () => parseSettings({ poolAllowedOrgs: ['a b'] }).problems[0]?.message,
    'is no name of an organisation',
    'ist kein Name einer Organisation',
  ],
  [
    'a disk that is full',
    () => troubleText('/a', Object.assign(new Error('full'), { code: 'ENOSPC' })),
    'Model Pool works on in memory and tries again by itself.',
    'Model Pool arbeitet im Speicher weiter und versucht es von selbst erneut.',
  ],
];

function never(): never {
  throw new Error('the table lacks it');
}

describe('a text for people', () => {
  afterEach(() => l10n.config({ contents: {} }));

  it.each(TEXTS)(
    'on %s is English without a bundle, and German as soon as there is one',
    (_, say, ...each) => {
      const [english, german] = each;
      expect(say()).toContain(english);
      l10n.config({ contents: { ...GERMAN } });
      expect(say()).toContain(german);
      expect(say()).not.toContain(english);
    },
  );
});

describe('a name that is put into a German sentence', () => {
  afterEach(() => l10n.config({ contents: {} }));

  it('stands in no case that it does not have: it is put in as it is', () => {
    l10n.config({ contents: german.parse(JSON.parse(readFileSync(BUNDLE, 'utf8'))) });
    const label = l10n.t('the server');
    const failure = { url: 'http://a:1', message: '' };
    const failures: readonly HttpFailure[] = [
      ...[404, 429, 500].map((status) => ({ ...failure, code: 'bad_status' as const, status })),
      { ...failure, code: 'not_json', bodyExcerpt: '<html>' },
      { ...failure, code: 'bad_shape' },
      { ...failure, code: 'timeout' },
      { ...failure, code: 'network', systemCode: 'ECONNREFUSED' },
      { ...failure, code: 'network' },
    ];
    const texts = [
      ...failures.flatMap((each) => {
        const { message, nextStep } = readinessOf(each, { label });
        return [message, nextStep];
      }),
      ...['CERT_HAS_EXPIRED', 'EPROTO'].map(
        (code) => tlsFaultOf(code, l10n.t('the proxy {0}', 'a:1'))?.message ?? never(),
      ),
    ];
    expect(texts.join('\n')).toContain(label);
    expect(texts.filter((text) => /\b(?:aus|bei|mit|nach|von|zu) der (?:Server|Proxy)\b/.test(text))).toEqual(
      [],
    );
  });
});
