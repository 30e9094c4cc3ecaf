import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { normaliseModelName } from '../backends/installAdapter';
import { errorTextOf, errorTextOfValue, OLLAMA_WORDS } from '../backends/ollamaApi';
import { readinessOf } from '../backends/readiness';
import { createdName } from '../modelfile/createdName';
import { createRequest } from '../modelfile/createRequest';
import { bareNames, namesWhere } from '../modelfile/namedPath';
import { parseModelfile, type ParsedModelfile } from '../modelfile/parse';
import type { Prober } from '../registry/prober';
import type { ModelRegistry } from '../registry/registry';
import type { RegisteredModel } from '../registry/row';
import { abortReason } from '../shared/abort';
import { originOf, type HttpFailure } from '../shared/http';
import { parseJson } from '../shared/json';
import { linesOf } from '../shared/lines';
import { LOCAL_HOST } from '../shared/modelRef';
import type { Backends } from './backends';

export interface ModelfileBuildsOptions {
  readonly backends: Pick<Backends, 'config' | 'httpOf' | 'hostOf' | 'canInstallOn'>;
  readonly registry: Pick<ModelRegistry, 'backends' | 'listAllByBackend'>;
  readonly prober: Pick<Prober, 'askAnew'>;
}

/** Where and how the model of a Modelfile can be created. */
export type BuildPlan =
  | {
      readonly kind: 'server';
      readonly backend: string;
      readonly url: string;
      /** The model that its server would download first; null where it has it. */
      readonly downloads: string | null;
    }
  /** It names files of this machine, which `ollama create` sends to its server. */
  | {
      readonly kind: 'program';
      /** Address of this machine's Ollama server; null where none is set up, so that the program's own default holds. */
      readonly url: string | null;
    }
  | { readonly kind: 'impossible'; readonly message: string };

export interface BuildRequest {
  readonly backend: string;
  readonly name: string;
  readonly modelfile: string;
  readonly signal: AbortSignal;
  /** What Ollama says that it does, with the part that is done (0 to 1) where it counts. */
  readonly onProgress: (message: string, fraction: number | null) => void;
}

export type BuildResult =
  | { readonly status: 'success'; readonly name: string }
  | { readonly status: 'error'; readonly message: string };

/** One line of the stream of `/api/create`; pulling a base model counts bytes. */
const createLine = z.object({
  status: z.string().optional().catch(undefined),
  total: z.number().nonnegative().optional().catch(undefined),
  completed: z.number().nonnegative().optional().catch(undefined),
  error: z.unknown().optional(),
});

const shownModelfile = z.object({ modelfile: z.string() });

/** Models that are created from Modelfiles, through the Ollama server of this machine. */
export class ModelfileBuilds {
  constructor(private readonly options: ModelfileBuildsOptions) {}

  /**
   * Says how the model of a Modelfile would be created; changes nothing. `folder` is the one in which the Modelfile lies,
   * undefined for one that was never saved.
   */
  async plan(modelfile: string, folder: string | undefined): Promise<BuildPlan> {
    const parsed = parseModelfile(modelfile);
    const localNames = folder === undefined ? [] : await localNamesIn(folder, parsed);
    const reading = createRequest(parsed, localNames);
    if (reading.kind === 'refused') {
      return {
        kind: 'impossible',
        message: l10n.t('Ollama would refuse this Modelfile: {0}.', reading.message),
      };
    }
    const { backends, registry } = this.options;
    const servers = registry
      .backends()
      .filter(({ id }) => backends.canInstallOn(id) && backends.hostOf(id) === LOCAL_HOST);
    const server = servers.find(({ readiness }) => readiness === 'ok');
    if (reading.kind === 'files') return { kind: 'program', url: (server ?? servers[0])?.url ?? null };
    if (server) {
      const { from } = reading.request;
      const downloads = this.served(from, server.id) ? null : from;
      return { kind: 'server', backend: server.id, url: server.url, downloads };
    }
    const [first] = servers;
    if (!first) {
      return {
        kind: 'impossible',
        message: l10n.t('Creating a model needs an Ollama server on this machine, and none is set up.'),
      };
    }
    const why = [first.message, first.nextStep].filter((part) => part !== undefined).join(' ');
    return {
      kind: 'impossible',
      message: why === '' ? l10n.t('{0} has not answered yet. Try again in a moment.', first.id) : why,
    };
  }

  /** The name that a Modelfile at this path would be created under. */
  nameFor(path: string): string {
    return createdName(path);
  }

  /** The model of that name, as a backend serves it now; undefined where it serves none. */
  served(name: string, backend?: string): RegisteredModel | undefined {
    const wanted = normaliseModelName(name);
    return [...this.options.registry.listAllByBackend().values()]
      .flat()
      .find(
        (model) =>
          (backend === undefined
            ? this.options.backends.canInstallOn(model.backend)
            : model.backend === backend) && normaliseModelName(model.modelId) === wanted,
      );
  }

  /** The Modelfile of an installed model, as its server writes it; null where it has no such model or does not say. */
  async modelfileOf(backend: string, name: string, signal: AbortSignal): Promise<string | null> {
    const config = this.options.backends.config(backend);
    if (!config) return null;
    const answer = await this.options.backends
      .httpOf(backend)
      .json(`${config.url}/api/show`, shownModelfile, { json: { model: name }, signal });
    return answer.ok ? answer.value.modelfile : null;
  }

  /**
   * Creates a model on a server, and looks at what that server has afterwards. Rejects only when `signal` aborts;
   * Ollama then keeps what stood under the name.
   */
  async create(request: BuildRequest): Promise<BuildResult> {
    const { backend, name, modelfile, signal } = request;
    const config = this.options.backends.config(backend);
    const reading = createRequest(parseModelfile(modelfile));
    if (!config || reading.kind !== 'request')
      return failed(l10n.t('{0} cannot be created through {1}.', name, backend));
    const opened = await this.options.backends.httpOf(backend).stream(`${config.url}/api/create`, {
      json: { model: name, ...reading.request, stream: true },
      signal,
      // Quantising or pulling a base model takes as long as it takes; a person can cancel it.
      headersTimeoutMs: 0,
      bodyTimeoutMs: 0,
    });
    if (!opened.ok) return failed(messageOfFailure(opened.failure, name));
    const result = await readCreation(opened.value.body, request).catch((): BuildResult => {
      if (signal.aborted) throw abortReason(signal);
      return failed(
        l10n.t('The connection to {0} broke before {1} was created. Try again.', originOf(config.url), name),
      );
    });
    opened.value.close();
    if (result.status === 'success') await this.options.prober.askAnew(backend);
    return result;
  }
}

/** Bare names in a Modelfile as which a file or folder lies in its folder; not one that could not be looked at. */
function localNamesIn(folder: string, parsed: ParsedModelfile): Promise<readonly string[]> {
  const isThere = (file: string): Promise<boolean> =>
    stat(file).then(
      () => true,
      () => false,
    );
  return namesWhere(bareNames(parsed), { folder, homeFolder: homedir(), path }, isThere);
}

/** Reads the stream of `/api/create` to its end. Throws where the connection breaks. */
async function readCreation(
  body: AsyncIterable<Uint8Array>,
  { name, onProgress }: BuildRequest,
): Promise<BuildResult> {
  for await (const line of linesOf(body)) {
    const parsed = createLine.safeParse(parseJson(line));
    if (!parsed.success) continue;
    const { status, total, completed, error } = parsed.data;
    if (error !== undefined) {
      const reason = errorTextOfValue({ error }) || l10n.t('it gave no reason');
      return failed(l10n.t('Ollama could not create {0}: {1}.', name, reason));
    }
    if (status === 'success') return { status: 'success', name };
    if (status !== undefined) {
      onProgress(status, total === undefined || total === 0 ? null : (completed ?? 0) / total);
    }
  }
  return failed(l10n.t('Ollama ended before it had created {0}. Try again.', name));
}

function failed(message: string): BuildResult {
  return { status: 'error', message };
}

function messageOfFailure(failure: HttpFailure, name: string): string {
  const said = errorTextOf(failure.body);
  if (said !== '') return l10n.t('Ollama could not create {0}: {1}.', name, said);
  const { message, nextStep } = readinessOf(failure, OLLAMA_WORDS);
  return `${message} ${nextStep}`;
}
