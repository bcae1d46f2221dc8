/** Gives milliseconds as seconds for a script or for systemd: whole, or with up to three decimals; never an exponent. */
export function secondsOf(milliseconds: number): string {
  return String(Math.round(milliseconds) / 1000);
}
