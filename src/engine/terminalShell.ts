import type { Shell } from '../backends/shellQuote';

/** Programs by name, without folder and `.exe`. */
const SHELLS: ReadonlyMap<string, Shell> = new Map([
  ...(['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh'] as const).map((name) => [name, 'posix'] as const),
  ...(['pwsh', 'pwsh-preview', 'powershell'] as const).map((name) => [name, 'powershell'] as const),
  ['cmd', 'cmd'],
]);

/**
 * Which quoting rules a shell has, by the path of its program; Git Bash is `bash.exe`. `other` for everything else: an
 * empty path, fish, Nushell, `wsl.exe` (whose shell nobody knows from outside).
 */
export function shellOfProgram(program: string): Shell {
  const file = program.split(/[\\/]/).at(-1) ?? '';
  return SHELLS.get(file.toLowerCase().replace(/\.exe$/, '')) ?? 'other';
}
