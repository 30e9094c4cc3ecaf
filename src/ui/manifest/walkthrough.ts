import { commandId, type CommandKey } from './commands';
import type { ManifestText } from './manifestText';
import { CONTEXT_KEYS, RECOMMENDED_VIEW_ID } from './views';

/** One step of the walkthrough. It is done when any of `doneBy` has happened. */
interface Step {
  readonly id: string;
  readonly title: string;
  /** Markdown; a link on a line of its own is a button. */
  readonly description: string;
  /** What the picture shows, for whoever does not see it. */
  readonly altText: string;
  readonly doneBy: readonly string[];
}

const run = (key: CommandKey): string => `onCommand:${commandId(key)}`;
const button = (label: string, command: string): string => `[${label}](command:${command})`;
const SHOW_RECOMMENDED = `${RECOMMENDED_VIEW_ID}.focus`;
const OPEN_CHAT = 'workbench.action.chat.open';

const STEPS: readonly Step[] = [
  {
    id: 'machine',
    title: 'See your machine',
    description: [
      'Model Pool looks at the processor, the graphics memory and how fast memory is read: these decide which models run here, and how fast. What it finds stays on this machine. Only the list of models is kept up to date with Hugging Face, unless modelPool.catalog.online is off.',
      button('Show Recommended Models', SHOW_RECOMMENDED),
      `The first row there is your machine. Where it is wrong, ${button('detect it again', commandId('redetectHardware'))} or describe the hardware in the ${button('settings', commandId('openSettings'))}.`,
    ].join('\n'),
    altText: 'A computer with its memory, of which a part is filled by a model.',
    // A view that is open already does not open again.
    doneBy: [`onView:${RECOMMENDED_VIEW_ID}`, `onCommand:${SHOW_RECOMMENDED}`],
  },
  {
    id: 'pick',
    title: 'Find a model that fits',
    description: [
      'Every model that fits is ranked by dated benchmark results for your task. Open a row to see how much memory it takes for each context, how fast it would be, and where its score comes from.',
      button('Rank Models for This Machine', commandId('rank')),
      `Choose ${button('what it is for', commandId('chooseTask'))}: coding, reasoning, agents, pictures.`,
    ].join('\n'),
    altText: 'A ranked list of models with a bar for the score of each.',
    doneBy: [run('rank'), run('openReport'), run('explainScore')],
  },
  {
    id: 'install',
    title: 'Install it',
    description: [
      'One dialog says how big the download is, what is free on the disk afterwards, and under which licence the model comes. The download can be paused and goes on where it stood.',
      button('Install Model', commandId('installModel')),
      `This needs a model server. ${button('Start one', commandId('startServer'))}, then ${button('add it', commandId('addBackend'))}.`,
    ].join('\n'),
    altText: 'A model on its way into a pool of models on a disk.',
    doneBy: [`onContext:${CONTEXT_KEYS.hasChatModels}`],
  },
  {
    id: 'chat',
    title: 'Use it in chat',
    description: [
      "Your models are in the model picker of VS Code's chat, also for agents where they call tools. Each call leaves a record that says which model answered, how fast, and why that one.",
      button('Open Chat', OPEN_CHAT),
      `Or ${button('ask a model', commandId('askModel'))} one question, and look at ${button('the record', commandId('showDispatches'))}.`,
    ].join('\n'),
    altText: 'A question in a chat and the answer of a model on this machine.',
    doneBy: [`onContext:${CONTEXT_KEYS.hasAnswered}`],
  },
];

/** package.json's walkthrough: from nothing to an answer in four steps. */
export function walkthrough(text: ManifestText) {
  return {
    id: 'start',
    title: text('walkthrough.title', 'Run Models on Your Machine'),
    description: text(
      'walkthrough.description',
      'See what your machine can run, install a model, and use it in chat.',
    ),
    steps: STEPS.map(({ id, title, description, altText, doneBy }) => ({
      id,
      title: text(`walkthrough.${id}.title`, title),
      description: text(`walkthrough.${id}.description`, description),
      media: { svg: `media/walkthrough/${id}.svg`, altText: text(`walkthrough.${id}.picture`, altText) },
      completionEvents: doneBy,
    })),
  };
}
