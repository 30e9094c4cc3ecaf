import { describe, expect, it } from 'vitest';
import { huggingFacePageOf } from '../../../src/shared/huggingFacePage';

describe('the page of a model on Hugging Face', () => {
  it.each([
    ['hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M', 'https://huggingface.co/unsloth/Qwen3-8B-GGUF'],
    ['huggingface.co/a/b.c_d-e', 'https://huggingface.co/a/b.c_d-e'],
    ['https://hf.co/a/b:latest', 'https://huggingface.co/a/b'],
  ])('of %s is %s', (name, page) => {
    expect(huggingFacePageOf(name)).toBe(page);
  });

  it.each([
    'qwen3:8b',
    'someone/model:7b',
    'registry.example.com/a/b:c',
    'hf.co/a',
    'hf.co/a/b/../../x',
    'hf.co/a/b?c',
    '',
  ])('is not known of %s', (name) => {
    expect(huggingFacePageOf(name)).toBeNull();
  });
});
