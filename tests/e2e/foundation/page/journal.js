/**
 * What happened on the page, for the test to read: every socket, every inbound frame with its
 * time and socket, and every fault (a frame dropped, a screen that crashed, a message held back).
 */
export class Journal {
  constructor() {
    this.sockets = [];
    this.frames = [];
    this.faults = [];
    this.events = [];
    this.notifications = [];
    window.addEventListener("error", (event) => this.fault("crashed", event.message));
    window.addEventListener("unhandledrejection", (event) =>
      this.fault("crashed", String(event.reason)),
    );
  }

  opened() {
    const entry = { openedAt: performance.now(), authenticatedAt: null, closedAt: null, code: null };
    this.sockets.push(entry);
    return entry;
  }

  received(socket, frame) {
    this.frames.push({ at: performance.now(), socket: this.sockets.indexOf(socket), frame });
  }

  fault(kind, detail) {
    this.faults.push(`${kind}: ${detail}`);
  }

  /** Runs a screen's handler; an exception is a crash of that screen. */
  guard(handler, data) {
    try {
      handler(data);
    } catch (error) {
      this.fault("crashed", `${error} on ${JSON.stringify(data)}`);
    }
  }
}
