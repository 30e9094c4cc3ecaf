/** Lines of the text; each is about 21 tokens of today's vocabularies, so that a prompt has about 512. */
const LINES = 23;

const PLACES = ['valley', 'harbour', 'forest', 'village', 'bridge', 'mountain', 'market', 'island'] as const;
const THINGS = ['a red boat', 'an old lamp', 'two wooden chairs', 'some fresh bread', 'a long rope'] as const;

/**
 * A prompt of about 512 tokens that says nothing of anybody: numbered lines of made-up travel notes and a task that a
 * model does not finish within a few words. `head` stands before everything else and makes the prompt another one: what
 * a server keeps of an earlier prompt is worth only as far as the two are the same from their beginning.
 */
export function measurePrompt(head: string): string {
  const lines = Array.from({ length: LINES }, (_, line) => {
    const place = PLACES[line % PLACES.length] ?? '';
    const thing = THINGS[line % THINGS.length] ?? '';
    return `${line + 1}. On day ${line + 1} the travellers reached the ${place} and found ${thing} beside the road.`;
  });
  return [
    `Journal ${head}.`,
    ...lines,
    'The road is one long loop. Write the story of the whole journey, day by day, with as many details as you can.',
  ].join('\n');
}
