// Loaded into flurry by --import: what the coordinator itself took, written to the file $SCALE_PROBE when it ends.
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const descriptors = () =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
const most = { sockets: 0, children: 0 };
setInterval(() => {
  const children = readFileSync('/proc/thread-self/children', 'utf8').split(' ').length - 1;
  most.children = Math.max(most.children, children);
  most.sockets = Math.max(most.sockets, descriptors().filter((to) => to.startsWith('socket:')).length);
}, 50).unref();
process.on('exit', () => {
  delay.disable();
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const left = descriptors().filter((to) => to.startsWith('socket:'));
  writeFileSync(
    process.env.SCALE_PROBE,
    JSON.stringify({
      p50: delay.percentile(50) / 1e6,
      p99: delay.percentile(99) / 1e6,
      max: delay.max / 1e6,
      cpu: (userCPUTime + systemCPUTime) / 1e6,
      rss: maxRSS / 1024,
      left: left.length,
      resources: process.getActiveResourcesInfo(),
      most,
    }),
  );
});
