import { homedir } from 'node:os';
import { access } from 'node:fs/promises';
import { freeBytes, ollamaModelsFolder } from '../pool/diskSpace';
import type { RankedModel } from '../ranking/rankTypes';
import type { BackendState } from '../registry/row';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';

/** Parts of a ranked model by which a build of it is named. */
export type NamedBuild = Pick<RankedModel, 'ollamaName' | 'buildRepo' | 'quant'>;

/** The name by which Ollama pulls this build: its library name, else `hf.co/<repo>:<quant>`; null where neither is known. */
export function ollamaNameOf(model: NamedBuild): string | null {
  if (model.ollamaName !== undefined) return model.ollamaName;
  // Ollama pulls GGUF files alone.
  if (model.quant.startsWith('MLX')) return null;
  return model.buildRepo === undefined ? null : `hf.co/${model.buildRepo}:${model.quant}`;
}

/** What installing a model would do, said before anything is done. */
export type InstallPlan =
  | {
      readonly kind: 'possible';
      readonly backend: string;
      readonly backendUrl: string;
      readonly name: string;
      /** Bytes to download at most; null where nobody knows before the pull. */
      readonly sizeBytes: number | null;
      /** Free bytes on the volume of the models folder; null where it cannot be seen from here. */
      readonly freeBytes: number | null;
      /** True where the size is known to be more than what is free. */
      readonly tooBig: boolean;
      readonly licence: string | null;
    }
  | { readonly kind: 'impossible'; readonly message: string };

/**
 * Plans an install through one of the given Ollama backends, all of one host: the first that answers. Reads the free space of its disk
 * where that is this machine's; changes nothing.
 */
export async function planInstall(
  model: NamedBuild & Pick<RankedModel, 'name' | 'fileBytes' | 'licence'>,
  backends: readonly BackendState[],
  env: Readonly<Record<string, string | undefined>>,
  host: HostId = LOCAL_HOST,
): Promise<InstallPlan> {
  const name = ollamaNameOf(model);
  if (name === null) {
    return impossible(
      `No build of ${model.name} is known that Ollama can download. Show Install Command has the commands of other tools.`,
    );
  }
  const first = backends[0];
  if (!first && host !== LOCAL_HOST) {
    return impossible(
      `Installing on ${host} needs an Ollama server there, and none is set up. Start Ollama on it and add it, or choose another machine.`,
    );
  }
  if (!first) {
    return impossible(
      'Installing needs an Ollama server, and none is set up. Start Ollama and add it, or use Show Install Command for another tool.',
    );
  }
  const backend = backends.find((state) => state.readiness === 'ok');
  if (!backend) {
    const why = [first.message, first.nextStep].filter((part) => part !== undefined).join(' ');
    return impossible(why === '' ? `${first.id} has not answered yet. Try again in a moment.` : why);
  }
  const free = await freeBytesFor(backend, env);
  const sizeBytes = model.fileBytes ?? null;
  return {
    kind: 'possible',
    backend: backend.id,
    backendUrl: backend.url,
    name,
    sizeBytes,
    freeBytes: free,
    tooBig: free !== null && sizeBytes !== null && sizeBytes > free,
    licence: model.licence ?? null,
  };
}

function impossible(message: string): InstallPlan {
  return { kind: 'impossible', message };
}

async function freeBytesFor(
  backend: BackendState,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number | null> {
  const folder = await ollamaModelsFolder({
    backend,
    env,
    platform: process.platform,
    homeFolder: homedir(),
    exists: (candidate) =>
      access(candidate).then(
        () => true,
        () => false,
      ),
  });
  return folder === null ? null : freeBytes(folder);
}
