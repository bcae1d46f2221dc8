import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeless, withStandIns } from './stand-ins.ts';

test('what differs from run to run has stand-ins of the same length, the same for the same', () => {
  const screen = `flake . @ 9f8e7d6 (main) → 1 host, goal promote
web1  ✗ failed  4.2 s  x8zfk98 26.05.20261101.shaped  the same
web2  ✗ refused   15 s  xvzfkgh   y9zgl09     root@desk deploys…
  it still runs x8zfk98 nixos-system-web1-26.05.20261101.shaped, and boots y9zgl09 26.05.1 next
  /nix/store/xvzfkghvsqw99796z9
dxq4wya0aqsqic-nixos-system
  error: builder for '/nix/store/0a1b2c3d4f5g6h7i8j9k0l1m2n3p4q5r-web1.drv' failed, and '0a1b2c3-web1.drv'
  it shows SHA256:ZIeIjgmNRJEhQ6ZbV/f05nuB5Vz6hCQzQ673plnn5Ew
  root@desk since 2026-11-29T18:46:43.123Z (deployment 20261129T184643Z-a1b2, waiting)`;
  const expected = `flake . @ 1a2b3c4 (main) → 1 host, goal promote
web1  ✗ failed  4.2 s  2qk8p1v 26.05.20261101.shaped  the same
web2  ✗ refused   15 s  8fj2k3l   5cn0xw9     root@desk deploys…
  it still runs 2qk8p1v nixos-system-web1-26.05.20261101.shaped, and boots 5cn0xw9 26.05.1 next
  /nix/store/8fj2k3lh6i7j8k9l0m
npqrsvwxyz1234-nixos-system
  error: builder for '/nix/store/b7r4s6dh6i7j8k9l0mnpqrsvwxyz1234-web1.drv' failed, and 'b7r4s6d-web1.drv'
  it shows SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQzWYxNpVy2Kh0hgk
  root@desk since 2026-11-29T10:15:02.371Z (deployment 20261129T101500Z-4f2a, waiting)`;
  assert.equal(withStandIns(screen), expected);
  assert.equal(withStandIns(expected).length, screen.length);
});

test('screens that differ by times, free space and line breaks say the same; by a word, they do not', () => {
  const one =
    'web1  ✗ failed  4.2 s  2qk8p1v  the same  the key of…\n\nnone made it in 59 s (13:29:44)\n  /nix has 12 KiB free';
  const other =
    'web1  ✗ failed  14 s  2qk8p1v  the same  the…\n\nnone made\nit in 1 min 2 s (00:00:01)\n  /nix has 0.5 GiB free';
  assert.equal(timeless(one), timeless(other));
  assert.notEqual(timeless(one), timeless(other.replace('made', 'mends')));
});
