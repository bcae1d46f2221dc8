import type { HostHandle } from '../fleet/host-handle.ts';

/** Where a deployment with the module below can be held on a host. */
export type Place = 'build' | 'check' | 'activation' | 'loader';

/** Shell text that stands still there while a test wants it. */
export const hold = (place: Place): string => {
  const wish = `/run/fleet-held/${place}`;
  return `if [ -e ${wish} ]; then : >${wish}.here; while [ -e ${wish} ]; do sleep 0.1; done; fi`;
};

/**
 * A module whose deployment stands still where a test wants it: in its build, in its pre-switch check (which holds the
 * lock of switch-to-configuration), in the middle of the activation, and before the boot loader is written.
 */
export const heldOnTheWay = `
  system.preSwitchChecks.held = ''[ "$2" != check ] || { ${hold('check')}; }'';
  system.activationScripts.held = "${hold('activation')}";
  system.extraSystemBuilderCmds = ''
    ${hold('build')}
    mv $out/shaped/install-bootloader $out/shaped/write-loader
    {
      head -n 1 $out/shaped/write-loader
      echo "PATH=$tools/bin"
      echo '${hold('loader')}'
      echo "exec $out/shaped/write-loader \\"\\$@\\""
    } >$out/shaped/install-bootloader
    chmod 555 $out/shaped/install-bootloader
  '';
`;

/** Wishes that deployments stand still there, from now on. */
export async function holdAt(host: HostHandle, ...places: readonly Place[]): Promise<void> {
  await host.inside('mkdir -p -m 1777 /run/fleet-held; for place; do touch "/run/fleet-held/$place"; done', places);
}

/** Waits until a deployment stands still there. */
export async function untilHeldAt(host: HostHandle, place: Place): Promise<void> {
  await host.waitUntil(`it is held at ${place}`, `test -e /run/fleet-held/${place}.here`, 90_000);
}

/** Lets it go on, and holds nothing there any more. */
export async function letGo(host: HostHandle, place: Place): Promise<void> {
  await host.inside('rm -f "/run/fleet-held/$1.here" "/run/fleet-held/$1"', [place]);
}

/** Waits until the transaction on the host is in that state. */
export async function untilState(host: HostHandle, state: string): Promise<void> {
  await host.waitUntil(`its transaction is ${state}`, `test "$(cat /run/flurry/*/state)" = ${state}`, 90_000);
}
