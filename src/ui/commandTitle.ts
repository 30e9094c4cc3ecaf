import type * as vscode from 'vscode';
import * as z from 'zod';
import { COMMANDS, commandId, type CommandKey } from './manifest/commands';

/** VS Code puts the language of the window into package.json, and keeps the English of a command beside it. */
const manifest = z.object({
  contributes: z.object({
    commands: z.array(
      z.object({
        command: z.string(),
        title: z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)]),
      }),
    ),
  }),
});

/** A command's title as the palette shows it. */
export function commandTitle(
  { extension }: Pick<vscode.ExtensionContext, 'extension'>,
  key: CommandKey,
): string {
  const commands = manifest.safeParse(extension.packageJSON).data?.contributes.commands ?? [];
  return commands.find(({ command }) => command === commandId(key))?.title ?? COMMANDS[key].title;
}
