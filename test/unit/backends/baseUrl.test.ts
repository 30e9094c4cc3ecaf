import { expect, it } from 'vitest';
import { baseUrl } from '../../../src/backends/baseUrl';

it.each([
  ['http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
  ['http://127.0.0.1:8000/', 'http://127.0.0.1:8000'],
  ['http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000'],
  ['http://127.0.0.1:8000/v1//', 'http://127.0.0.1:8000'],
  ['https://openrouter.ai/api/v1', 'https://openrouter.ai/api'],
  ['https://generativelanguage.googleapis.com/v1beta/', 'https://generativelanguage.googleapis.com'],
  ['https://models.example/v1/team', 'https://models.example/v1/team'],
  ['https://models.example/dev1', 'https://models.example/dev1'],
  ['', ''],
])('the base of %s is %s', (url, base) => {
  expect(baseUrl(url)).toBe(base);
  expect(baseUrl(base)).toBe(base);
});
