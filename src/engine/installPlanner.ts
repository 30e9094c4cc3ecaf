import * as l10n from '@vscode/l10n';
import type { RankedModel } from '../ranking/rankTypes';
import type { BackendState } from '../registry/row';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';

/** Parts of a ranked model by which a build of it is named. */
export type NamedBuild = Pick<RankedModel, 'ollamaName' | 'buildRepo' | 'quant'>;

const MLX_REPOSITORY = /^mlx-community\/|-mlx(?:-|$)/i;

/** The name by which Ollama pulls this build: its library name, else `hf.co/<repo>:<quant>`; null where neither is known. */
export function ollamaNameOf(model: NamedBuild): string | null {
  if (model.ollamaName !== undefined) return model.ollamaName;
  // Ollama pulls GGUF files alone.
  if (model.quant.startsWith('MLX') || MLX_REPOSITORY.test(model.buildRepo ?? '')) return null;
  return model.buildRepo === undefined ? null : `hf.co/${model.buildRepo}:${model.quant}`;
}

/** Where and under which name a model would be installed, or why it cannot be. */
export type InstallTarget =
  | {
      readonly kind: 'possible';
      readonly backend: string;
      readonly backendUrl: string;
      readonly name: string;
    }
  | { readonly kind: 'impossible'; readonly message: string };

/** Chooses among the given Ollama backends, all of one host and the best first: the first that answers. Asks nobody. */
export function installTarget(
  model: NamedBuild & Pick<RankedModel, 'name'>,
  backends: readonly BackendState[],
  host: HostId = LOCAL_HOST,
): InstallTarget {
  const name = ollamaNameOf(model);
  if (name === null) {
    return impossible(
      l10n.t(
        'No build of {0} is known that Ollama can download. Show Install Command has the commands of other tools.',
        model.name,
      ),
    );
  }
  const first = backends[0];
  if (!first && host !== LOCAL_HOST) {
    return impossible(
      l10n.t(
        'Installing on {0} needs an Ollama server there, and none is set up. Start Ollama on it and add it, or choose another machine.',
        host,
      ),
    );
  }
  if (!first) {
    return impossible(
      l10n.t(
        'Installing needs an Ollama server, and none is set up. Start Ollama and add it, or use Show Install Command for another tool.',
      ),
    );
  }
  const backend = backends.find((state) => state.readiness === 'ok');
  if (!backend) {
    const why = [first.message, first.nextStep].filter((part) => part !== undefined).join(' ');
    return impossible(
      why === '' ? l10n.t('{0} has not answered yet. Try again in a moment.', first.id) : why,
    );
  }
  return { kind: 'possible', backend: backend.id, backendUrl: backend.url, name };
}

function impossible(message: string): InstallTarget {
  return { kind: 'impossible', message };
}
