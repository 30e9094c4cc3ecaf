import { describe, expect, it } from 'vitest';
import {
  EVIDENCE_CONFIDENCE,
  gradeEvidence,
  identityKey,
  weakestEvidence,
} from '../../../src/ranking/evidence';
import type { EvidenceGrade } from '../../../src/ranking/rankTypes';

describe('gradeEvidence', () => {
  it.each<readonly [string, string | undefined, string, string | undefined, EvidenceGrade]>([
    ['Qwen/Qwen3-32B-GGUF', 'Q4_K_M', 'Qwen/Qwen3-32B-GGUF', 'Q4_K_M', 'direct'],
    ['Qwen/Qwen3-32B-GGUF', 'q4_k_m', 'Qwen/Qwen3-32B-GGUF', 'Q4_K_M', 'direct'],
    ['qwen/qwen3-32b', 'q4', 'Qwen/Qwen3-32B-AWQ', 'Q4_K_M', 'direct'],
    ['Qwen/Qwen3-32B-GGUF', 'Q5_K_M', 'Qwen/Qwen3-32B-GGUF', 'Q4_K_M', 'variant'],
    ['Qwen/Qwen3-32B-GGUF', 'Q5_K_M', 'Qwen/Qwen3-32B', 'Q4_K_M', 'variant'],
    ['Qwen/Qwen3-32B', undefined, 'Qwen/Qwen3-32B', 'Q4_K_M', 'variant'],
    ['Qwen/Qwen3-32B', 'mystery', 'Qwen/Qwen3-32B', 'mystery', 'variant'],
    ['Qwen/Qwen3-7B-GGUF', 'Q4_K_M', 'Qwen/Qwen3-32B-GGUF', 'Q4_K_M', 'base'],
    ['Qwen/Qwen3-30B-A3B', undefined, 'Qwen/Qwen3-32B', undefined, 'base'],
    ['mistralai/Mistral-7B-Instruct-Chat', 'Q4_K_M', 'mistralai/Mistral-32B-GGUF', 'Q4_K_M', 'base'],
    ['meta-llama/Llama-3-70B-Instruct', undefined, 'Qwen/Qwen3-32B-GGUF', undefined, 'interpolated'],
    ['bartowski/Qwen3-32B-GGUF', undefined, 'Qwen/Qwen3-32B', undefined, 'interpolated'],
  ])(
    'grades %s (%s) for %s (%s) as %s',
    (observationModel, observationQuant, targetModel, targetQuant, grade) => {
      expect(gradeEvidence({ observationModel, observationQuant, targetModel, targetQuant })).toEqual({
        grade,
        confidence: EVIDENCE_CONFIDENCE[grade],
      });
    },
  );

  it('never upgrades what a maker reported of itself', () => {
    const exact = {
      observationModel: 'a/b',
      observationQuant: 'Q8_0',
      targetModel: 'a/b',
      targetQuant: 'Q8_0',
    };
    expect(gradeEvidence({ ...exact, observationEvidence: 'self-reported' }).grade).toBe('self-reported');
    expect(
      gradeEvidence({ observationModel: 'x/y', observationEvidence: 'self-reported', targetModel: 'a/b' })
        .confidence,
    ).toBe(0.35);
  });

  it('counts direct 1, variant 0.85, base 0.7, interpolated 0.5 and self-reported 0.35', () => {
    expect(EVIDENCE_CONFIDENCE).toEqual({
      direct: 1,
      variant: 0.85,
      base: 0.7,
      interpolated: 0.5,
      'self-reported': 0.35,
    });
  });
});

describe('weakestEvidence', () => {
  it.each<readonly [readonly EvidenceGrade[], EvidenceGrade]>([
    [[], 'interpolated'],
    [['direct'], 'direct'],
    [['direct', 'variant'], 'variant'],
    [['direct', 'self-reported'], 'self-reported'],
    [['base', 'interpolated'], 'interpolated'],
  ])('of %j is %s', (grades, weakest) => {
    expect(weakestEvidence(grades)).toBe(weakest);
  });
});

describe('identityKey', () => {
  it('drops one mirror suffix and the case', () => {
    expect(identityKey(' Qwen/Qwen3-8B-GGUF ')).toBe('qwen/qwen3-8b');
    expect(identityKey('a/b-AWQ-GGUF')).toBe('a/b-awq');
  });
});
