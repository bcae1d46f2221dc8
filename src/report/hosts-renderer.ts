import { type ListrEventManager, ListrEventType, type ListrRenderer } from 'listr2';
import type { LiveArea } from './live-area.ts';

export interface HostsRendererOptions {
  readonly area: LiveArea;
  /** The rows of the live area as of now. */
  readonly rows: () => readonly string[];
  /** Takes the lines that are waiting to be printed above it. */
  readonly takeAbove: () => readonly string[];
  /** Calls back at most ten times a second, until the returned function is called. */
  readonly everyTick: (callback: () => void) => () => void;
}

/**
 * Renders the hosts in our own way: listr2's default renderer shows only the last rows of a long list, and draws it
 * anew for each of its events. Here an event only asks for a frame; the tick draws it.
 */
export class HostsRenderer implements ListrRenderer {
  // Whether there is a terminal was decided before; listr2 would look at standard output, and we draw on standard error.
  static readonly nonTTY = true;
  static readonly rendererOptions: HostsRendererOptions;
  static readonly rendererTaskOptions: never;

  private readonly options: HostsRendererOptions;
  private readonly events: ListrEventManager | undefined;
  private stopTicking: (() => void) | undefined;
  private ticks = 0;
  private asked = true;

  constructor(_tasks: unknown, options: HostsRendererOptions, events?: ListrEventManager) {
    this.options = options;
    this.events = events;
  }

  readonly render = (): void => {
    this.draw();
    this.events?.on(ListrEventType.SHOULD_REFRESH_RENDER, () => {
      this.asked = true;
    });
    this.stopTicking = this.options.everyTick(this.tick);
  };

  readonly end = (): void => {
    this.stopTicking?.();
    this.draw();
  };

  /** Clocks and the spinner go on without events, at half the speed. */
  private readonly tick = (): void => {
    this.ticks++;
    if (this.asked || this.ticks % 2 === 0) this.draw();
  };

  private readonly draw = (): void => {
    this.asked = false;
    this.options.area.draw(this.options.rows(), this.options.takeAbove());
  };
}
