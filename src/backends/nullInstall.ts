import * as l10n from '@vscode/l10n';
import type { InstallAdapter } from './installAdapter';
import { InstallError } from './installAdapter';

/** The adapter of a house without an installer: every method rejects with `installer_unavailable`. */
export function nullInstallAdapter(): InstallAdapter {
  const refuse = (target?: string): Promise<never> =>
    Promise.reject(
      new InstallError(
        'installer_unavailable',
        l10n.t(
          'No tool that installs models is set up. Start Ollama, then add it with "Model Pool: Add Backend".',
        ),
        target === undefined ? {} : { target },
      ),
    );
  return {
    install: (request) => refuse(request.name),
    evict: (request) => refuse(request.name),
    list: () => refuse(),
    inspect: (request) => refuse(request.name),
  };
}
