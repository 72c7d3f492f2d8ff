/** The client's one WebSocket class, its flaws included. */

import { FixedWindow, seal, validatorFault } from "./envelope.js";

// Read once, when the module loads: a reconnection brings the same token however old it is.
const TOKEN = localStorage.getItem("auth_token");

const AUTHENTICATION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 30_000;
const FIRST_WAIT_MS = 1_000;
const ATTEMPTS_MAX = 5;
const SESSION_SUFFIX_LENGTH = 9;

export class Connection {
  constructor(url, journal) {
    const suffix = Math.random().toString(36).slice(2).padEnd(SESSION_SUFFIX_LENGTH, "0");
    this.sessionId = `session_${Date.now()}_${suffix.slice(0, SESSION_SUFFIX_LENGTH)}`;
    this.authenticated = false;
    this.url = url;
    this.journal = journal;
    this.socket = null;
    this.attempts = 0;
    this.retryTimer = undefined;
    this.heartbeatTimer = undefined;
    this.inbound = new FixedWindow();
    this.outbound = new FixedWindow();
    this.listeners = new Map();
  }

  on(type, listener) {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  off(type, listener) {
    this.listeners.set(type, (this.listeners.get(type) ?? []).filter((one) => one !== listener));
  }

  getConnectionStatus() {
    return { connected: this.socket?.readyState === WebSocket.OPEN, authenticated: this.authenticated };
  }

  connect() {
    return new Promise((resolve, reject) => {
      const entry = this.journal.opened();
      const socket = new WebSocket(this.url);
      this.socket = socket;
      socket.onopen = () => {
        this.authenticate(socket).then(() => {
          entry.authenticatedAt = performance.now();
          this.authenticated = true;
          this.attempts = 0;
          // One variable holds the timer, so that only the last of two is ever cleared.
          clearTimeout(this.retryTimer);
          this.startHeartbeat();
          resolve();
        }, reject);
      };
      socket.onmessage = (event) => this.receive(entry, event.data);
      socket.onclose = (event) => {
        entry.closedAt = performance.now();
        entry.code = event.code;
        this.authenticated = false;
        this.stopHeartbeat();
        if (event.code !== 1000) this.reconnect();
      };
      socket.onerror = () => reject(new Error("the socket failed"));
    });
  }

  disconnect() {
    this.stopHeartbeat();
    this.socket?.close(1000);
  }

  /** A failed attempt comes here twice: by its close event, and by its rejected promise. */
  reconnect() {
    if (this.attempts >= ATTEMPTS_MAX) {
      this.journal.events.push({ at: performance.now(), name: "connection_failed" });
      return;
    }
    const wait = FIRST_WAIT_MS * 2 ** this.attempts;
    this.attempts += 1;
    this.retryTimer = setTimeout(() => this.connect().catch(() => this.reconnect()), wait);
  }

  authenticate(socket) {
    return new Promise((resolve, reject) => {
      const done = (finish, value) => {
        clearTimeout(timeout);
        this.off("ai_alert", decide);
        finish(value);
      };
      const decide = (data) => {
        if (data.action === "auth_success") done(resolve);
        if (data.action === "auth_failed") done(reject, new Error(data.reason));
      };
      const timeout = setTimeout(
        () => done(reject, new Error("no answer to the authentication")),
        AUTHENTICATION_TIMEOUT_MS,
      );
      this.on("ai_alert", decide);
      const data = { action: "authenticate", token: TOKEN, session_id: this.sessionId };
      seal("ai_alert", data, new Date().toISOString(), this.sessionId).then((text) =>
        socket.send(text),
      );
    });
  }

  startHeartbeat() {
    this.heartbeatTimer = setInterval(() => this.send("ai_alert", { action: "ping" }), HEARTBEAT_MS);
  }

  stopHeartbeat() {
    clearInterval(this.heartbeatTimer);
  }

  /** Sends a frame and returns its text, or null when it is not sent. */
  async send(type, data) {
    if (!this.authenticated || this.socket.readyState !== WebSocket.OPEN) return null;
    if (!this.outbound.admit("")) {
      this.journal.fault("held back", JSON.stringify(data));
      return null;
    }
    const text = await seal(type, data, new Date().toISOString(), this.sessionId);
    this.socket.send(text);
    return text;
  }

  receive(entry, text) {
    const frame = JSON.parse(text);
    const fault =
      validatorFault(frame) ??
      (this.inbound.admit(frame.player_id ?? "") ? null : "more than 100 in a minute");
    if (fault !== null) {
      this.journal.fault("dropped", `${fault}: ${text}`);
      return;
    }
    this.journal.received(entry, frame);
    for (const listener of this.listeners.get(frame.type) ?? []) {
      this.journal.guard(listener, frame.data);
    }
  }
}
