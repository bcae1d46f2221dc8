/** The form in which ssh2 asks: an answer by callback the first time, by a literal boolean at every rekey. */
export type Ssh2HostVerifier = (key: Buffer, answer: (accepted: boolean) => void) => boolean | undefined;

/**
 * Turns our check into what ssh2 needs. ssh2 1.17 accepts everything but a literal false, even a promise, and dies when
 * a rekey is answered by callback: so the first answer is remembered, and later keys must equal that key.
 * `refused` is told why; a check that throws, rejects or gives anything but true refuses.
 */
export function hostVerifier(
  verify: (key: Buffer) => Promise<true>,
  on: { readonly refused: (thrown: unknown) => void; readonly stillWanted: () => boolean },
): Ssh2HostVerifier {
  let accepted: Buffer | undefined;

  return (key, answer) => {
    if (accepted !== undefined) return key.equals(accepted);
    const shown = Buffer.from(key);
    const judge = async () => {
      const verdict: unknown = await verify(shown);
      if (verdict !== true) throw new Error('the check of the host key gave no clear yes');
    };
    judge().then(
      () => {
        if (!on.stillWanted()) return;
        accepted = shown;
        answer(true);
      },
      (thrown: unknown) => {
        on.refused(thrown);
        if (on.stillWanted()) answer(false);
      },
    );
    return undefined;
  };
}
