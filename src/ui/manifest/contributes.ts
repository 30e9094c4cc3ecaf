import { capabilities } from './capabilities';
import { COMMANDS, commandId, commandSpec, type CommandKey } from './commands';
import { HAS_MACHINE } from './grammarOnly';
import { inEnglish, schemaWithTexts, type ManifestText } from './manifestText';
import { VIEW_ITEM_MENU, VIEW_TITLE_MENU } from './menus';
import { SETTINGS, settingKey } from './settings';
import { languageModelTools } from './tools';
import {
  CHAT_VENDOR,
  CONTAINER_ID,
  CONTEXT_KEYS,
  POOL_VIEW_ID,
  PROPOSALS_VIEW_ID,
  RECOMMENDED_VIEW_ID,
} from './views';
import { walkthrough } from './walkthrough';
import { LANGUAGE_ID } from '../../modelfile/protocol';
import { SETTING_KEYS, type Settings } from '../../shared/settings';

const commandKeys = Object.keys(COMMANDS) as CommandKey[];
const settingFields = Object.keys(SETTINGS) as (keyof Settings)[];
const link = (label: string, key: CommandKey): string => `[${label}](command:${commandId(key)})`;

const canPropose = `${CONTEXT_KEYS.ready} && ${CONTEXT_KEYS.hasInstallable}`;

function contributesWith(text: ManifestText) {
  return {
    viewsContainers: {
      activitybar: [{ id: CONTAINER_ID, title: 'Model Pool', icon: 'media/activity.svg' }],
    },
    views: {
      [CONTAINER_ID]: [
        {
          id: POOL_VIEW_ID,
          name: text('view.pool', 'Pool'),
          when: HAS_MACHINE,
          icon: 'media/activity.svg',
          contextualTitle: 'Model Pool',
          // Shares of the height of the side bar: a pool is a few rows, the recommendations fill what is there.
          initialSize: 2,
        },
        {
          id: RECOMMENDED_VIEW_ID,
          name: text('view.recommended', 'Recommended'),
          when: HAS_MACHINE,
          icon: 'media/activity.svg',
          contextualTitle: 'Model Pool',
          initialSize: 3,
        },
        {
          id: PROPOSALS_VIEW_ID,
          name: text('view.proposals', 'Proposals'),
          when: HAS_MACHINE,
          icon: 'media/activity.svg',
          contextualTitle: 'Model Pool',
          initialSize: 1.5,
        },
      ],
    },
    viewsWelcome: [
      {
        view: POOL_VIEW_ID,
        when: `${CONTEXT_KEYS.ready} && !${CONTEXT_KEYS.hasBackends} && ${CONTEXT_KEYS.hasFound}`,
        contents: text(
          'welcome.pool.found',
          [
            'No model server is set up yet, but one answers on this machine. It is not used before you say so.',
            link('Add Backend', 'addBackend'),
            `Or look at the ${link('ranking', 'rank')} for this machine first.`,
          ].join('\n'),
        ),
      },
      {
        view: POOL_VIEW_ID,
        when: `${CONTEXT_KEYS.ready} && !${CONTEXT_KEYS.hasBackends} && !${CONTEXT_KEYS.hasFound}`,
        contents: text(
          'welcome.pool.noBackends',
          [
            'No model server is set up yet. Start Ollama or llama-server, then let Model Pool find it.',
            link('Add Backend', 'addBackend'),
            // On one line with words these are links: one button says what to do first, and all of it is seen at once.
            `Or ${link('start one', 'startServer')}, write its address into the ${link('settings', 'openSettings')}, or look at the ${link('ranking', 'rank')} for this machine.`,
          ].join('\n'),
        ),
      },
      {
        view: POOL_VIEW_ID,
        when: `!${CONTEXT_KEYS.ready}`,
        contents: text('welcome.pool.looking', 'Looking at the model servers…'),
      },
      {
        view: PROPOSALS_VIEW_ID,
        when: `!${CONTEXT_KEYS.ready}`,
        contents: text('welcome.proposals.looking', 'Looking at the pool…'),
      },
      {
        view: PROPOSALS_VIEW_ID,
        when: `${CONTEXT_KEYS.ready} && !${CONTEXT_KEYS.hasInstallable}`,
        contents: text(
          'welcome.proposals.noInstaller',
          [
            'Model Pool proposes what to install, swap and remove on an Ollama server. None is set up yet.',
            link('Add Backend', 'addBackend'),
          ].join('\n'),
        ),
      },
      {
        view: PROPOSALS_VIEW_ID,
        when: `${canPropose} && !${CONTEXT_KEYS.hasAllowed}`,
        contents: text(
          'welcome.proposals.noneAllowed',
          [
            'Better models are proposed here once you say whose. Each one waits for your word.',
            link('Allow Organisation', 'allowOrganisation'),
          ].join('\n'),
        ),
      },
      {
        view: PROPOSALS_VIEW_ID,
        when: `${canPropose} && ${CONTEXT_KEYS.hasAllowed} && !${CONTEXT_KEYS.hasCompared}`,
        contents: text(
          'welcome.proposals.neverCompared',
          [
            'Your pool was not compared with the known models yet. That happens once a day, or now:',
            link('Refresh', 'refresh'),
          ].join('\n'),
        ),
      },
      {
        view: PROPOSALS_VIEW_ID,
        when: `${canPropose} && ${CONTEXT_KEYS.hasAllowed} && ${CONTEXT_KEYS.hasCompared}`,
        contents: text(
          'welcome.proposals.nothing',
          [
            'Nothing to propose: no allowed model that fits is enough better than what you have.',
            link('Refresh', 'refresh'),
            `Allow [more organisations](command:${commandId('allowOrganisation')}), or look at what is ${link('recommended', 'rank')}.`,
          ].join('\n'),
        ),
      },
    ],
    commands: commandKeys.map((key) => {
      const { title, icon } = commandSpec(key);
      return {
        command: commandId(key),
        title: text(`command.${key}.title`, title),
        category: 'Model Pool',
        enablement: HAS_MACHINE,
        ...(icon === undefined ? {} : { icon: `$(${icon})` }),
      };
    }),
    menus: {
      commandPalette: commandKeys.flatMap((key) => {
        const { palette } = commandSpec(key);
        if (palette === true) return [];
        return [{ command: commandId(key), when: palette === false ? 'false' : palette }];
      }),
      'view/title': VIEW_TITLE_MENU.map((entry) => ({ ...entry, command: commandId(entry.command) })),
      'view/item/context': VIEW_ITEM_MENU.map((entry) => ({ ...entry, command: commandId(entry.command) })),
    },
    configuration: {
      title: 'Model Pool',
      properties: Object.fromEntries(
        settingFields.map((field) => {
          const { scope, description, schema } = SETTINGS[field];
          const key = `setting.${SETTING_KEYS[field]}`;
          const markdownDescription = text(`${key}.description`, description);
          return [settingKey(field), { ...schemaWithTexts(schema, key, text), scope, markdownDescription }];
        }),
      ),
    },
    languages: [
      {
        id: LANGUAGE_ID,
        aliases: ['Modelfile', 'Ollama Modelfile'],
        filenames: ['Modelfile'],
        filenamePatterns: ['Modelfile.*'],
        extensions: ['.modelfile'],
        configuration: './language-configuration/modelfile.json',
        icon: { light: './media/modelfile-light.svg', dark: './media/modelfile-dark.svg' },
      },
    ],
    grammars: [
      { language: LANGUAGE_ID, scopeName: 'source.modelfile', path: './syntaxes/modelfile.tmLanguage.json' },
    ],
    // What the server knows is coloured as the grammar colours it, so that nothing flickers when it answers.
    semanticTokenScopes: [
      {
        language: LANGUAGE_ID,
        scopes: {
          keyword: ['keyword.other.command.modelfile'],
          parameter: ['variable.parameter.modelfile'],
          enumMember: ['constant.language.role.modelfile'],
          number: ['constant.numeric.integer.modelfile'],
          string: ['string.unquoted.modelfile'],
          function: ['support.function.gotemplate.modelfile'],
          variable: ['variable.other.gotemplate.modelfile'],
          property: ['variable.other.property.gotemplate.modelfile'],
        },
      },
    ],
    languageModelChatProviders: [
      // The stable API hands a provider none of what the Language Models editor could ask for it (`configuration`), but
      // has this: the gear beside our models there.
      {
        vendor: CHAT_VENDOR,
        displayName: 'Model Pool',
        managementCommand: commandId('setApiKey'),
        when: HAS_MACHINE,
      },
    ],
    languageModelTools: languageModelTools(text).map((tool) => ({ ...tool, when: HAS_MACHINE })),
    walkthroughs: [{ ...walkthrough(text), when: HAS_MACHINE }],
  };
}

/** package.json's `contributes`, made from the typed tables of this folder, as people read it in English. */
export const contributes = contributesWith(inEnglish);

const activationEvents = ['onStartupFinished'];

export { capabilities };

/** Every field of package.json that `npm run contributions` writes. */
export function manifestWith(text: ManifestText) {
  return {
    description: text(
      'description',
      'Which open models are worth running on this machine, where they are served, and what each call really did.',
    ),
    activationEvents,
    l10n: './l10n',
    capabilities: schemaWithTexts(capabilities, 'capability', text),
    contributes: contributesWith(text),
  };
}
