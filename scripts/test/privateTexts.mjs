/** @typedef {import('./evidence.mjs').PrivateText} PrivateText */

/** What tests ask, by hand or in the workbench, where nothing else notes it. Texts below six characters say too little. */
const ASKED = [
  'Who are you?',
  'Who are you, and where do you run?',
  'Are you there?',
  'Are you back?',
  'Hello?',
  'Say hello',
  'How is it?',
  'How is the weather?',
  'What is this?',
];

/** What the tiny models and the fake Ollama answer, think and call. */
const ANSWERED = [
  'Hello from one tiny model whose weights hold this answer, word by word.',
  'The user asks something simple; I will answer briefly now.',
  'one two three four five six seven eight nine ten eleven twelve',
  'tick-tock-tack-tuck-teck-tyck-toll-tell',
  'First weigh every side',
  'Forty-two words!',
  '{"city":"Paris"}',
  '{"city": "Paris"}',
];

/** Keys and passwords that tests send, set or type. */
const SECRETS = [
  'a-secret-key-of-mine',
  'another-secret-key',
  'a-wrong-key',
  'a-new-key',
  'key-canary-0123456789',
  'sk-canary-0123456789',
  'sk-test-5f2c8a9b1d3e7f60',
  'sk-fake-0123456789abcdefghijklmnopqrstuv',
  'sk-ant-api03-fake',
  'AIzaSyFakeFakeFakeFakeFakeFakeFakeFake0',
  'hf_QwErTyUiOpAsDfGhJkLzXcVbNm12345678',
  'hf_test',
  'hf_stored',
  'sesame',
  's3cret',
  'wrong-pw',
  'ann:s3cret',
  'ann:wrong-pw',
  'hunter22',
  'swordfish',
];

/** What the step `leaks` looks for beside what the tests of the run noted themselves. */
export const PRIVATE_TEXTS = /** @type {readonly PrivateText[]} */ ([
  ...[...ASKED, ...ANSWERED].map((text) => ({ kind: 'content', text })),
  ...SECRETS.map((text) => ({ kind: 'secret', text })),
]);
