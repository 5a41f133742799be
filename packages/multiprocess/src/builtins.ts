/** Node's `crypto`, loaded when it is first used, which takes 5 ms and more: most programs never do. */
export const crypto = () => process.getBuiltinModule('node:crypto');

export function isCryptoLoaded(): boolean {
  return (process as unknown as { moduleLoadList: string[] }).moduleLoadList.includes('NativeModule crypto');
}
