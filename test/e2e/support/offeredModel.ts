import { describeModel, type ModelDescription, type ModelPackage } from '../../fakes/ollama/package';

const GIB = 1024 ** 3;

/**
 * What a registry has under a name that a dialog is about to install: as big as its text says, in the quantisation that
 * the name ends with, able to call tools.
 */
export function offeredModel(
  name: string,
  dialogText: string,
  more: Pick<ModelDescription, 'script'> = {},
): ModelPackage {
  const sizeGib = /Download:.* ([\d.]+) GiB/.exec(dialogText)?.[1];
  if (sizeGib === undefined) throw new Error(`The dialog says no size: ${dialogText}`);
  const quantization = /:((?:UD-)?I?Q\d\w+)$/i.exec(name)?.[1]?.toUpperCase();
  return describeModel({
    ...{ weightsBytes: Number(sizeGib) * GIB, contextLength: 262_144, capabilities: ['completion', 'tools'] },
    ...(quantization === undefined ? {} : { quantization }),
    ...more,
  });
}
