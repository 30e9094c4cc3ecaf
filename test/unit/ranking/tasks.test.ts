import { describe, expect, it } from 'vitest';
import { TASK_PROFILES } from '../../../src/ranking/tasks';
import { TASKS } from '../../../src/shared/settings';

describe('TASK_PROFILES', () => {
  it('has one profile per task, each with evidence of its own, a speed and a context', () => {
    for (const task of TASKS) {
      const profile = TASK_PROFILES[task];
      expect(profile.task).toBe(task);
      expect(Math.max(...Object.values(profile.relevance))).toBe(1);
      expect(profile.targetTokPerSec).toBeGreaterThan(0);
    }
    expect(TASK_PROFILES.agentic.contextTokens).toBe(32_768);
    expect(TASK_PROFILES.coding.contextTokens).toBe(16_384);
    expect(TASK_PROFILES.general.contextTokens).toBe(8_192);
  });

  it('leaves models made for mathematics to reasoning, and models that always think out of completions', () => {
    const unable = (variant: string) =>
      TASKS.filter((task) => TASK_PROFILES[task].unable({ variant, vision: true }) !== null);
    expect(unable('math+instruct')).toEqual(['general', 'coding', 'agentic', 'small']);
    expect(unable('vision+thinking')).toEqual(['small']);
    expect(unable('instruct')).toEqual([]);
    expect(TASK_PROFILES.small.unable({ variant: 'thinking' })).toBe('always thinks before it answers');
    expect(TASK_PROFILES.general.unable({})).toBeNull();
  });

  it('asks for tool calling that is not known to be missing, and for vision that is known', () => {
    expect(TASK_PROFILES.agentic.unable({ toolCalling: false })).toContain('tools');
    expect(TASK_PROFILES.agentic.unable({ toolCalling: null })).toBeNull();
    expect(TASK_PROFILES.vision.unable({ vision: null })).toContain('pictures');
    expect(TASK_PROFILES.vision.unable({ vision: true })).toBeNull();
  });
});
