/** Where a person tells Hugging Face which Ollama is theirs (https://huggingface.co/docs/hub/ollama). */
export const HUGGING_FACE_KEYS_PAGE = 'https://huggingface.co/settings/keys';

/**
 * The page of the repository behind a name by which Ollama pulls from Hugging Face (`hf.co/owner/repo:quant`), where its
 * conditions are read and accepted. Null for a name of another registry.
 */
export function huggingFacePageOf(ollamaName: string): string | null {
  const found = /^(?:https?:\/\/)?(?:hf\.co|huggingface\.co)\/([\w.-]+)\/([\w.-]+)(?::|$)/i.exec(
    ollamaName.trim(),
  );
  return found ? `https://huggingface.co/${found[1]}/${found[2]}` : null;
}
