// npm's `ws` on Node: peer.mjs PORT FRAME ANSWER, paced by the standard input like the others.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import process from "node:process";

// Its folder is told, because it is installed beside no package of ours.
const { WebSocketServer } = createRequire(`${process.env.PEER_MODULES}/`)("ws");
const [port, frameFile, answerFile] = process.argv.slice(2);
const frame = readFileSync(frameFile, "utf8");
const answer = readFileSync(answerFile, "utf8");
const mark = '"timestamp":"';
const begin = frame.lastIndexOf(mark) + mark.length;
const before = frame.slice(0, begin);
const after = frame.slice(frame.indexOf('"', begin));
const BEHIND_BYTES = 65_536;

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(port),
  backlog: 4_096,
  perMessageDeflate: false,
});
server.on("connection", (socket) => {
  socket.on("message", () => socket.send(answer));
  socket.on("error", () => socket.terminate());
});

function broadcast(frames, micros) {
  const stamp = new Date(micros / 1_000).toISOString().slice(0, 20);
  const fraction = String(Math.trunc(micros % 1_000_000)).padStart(6, "0");
  const text = Buffer.from(`${before}${stamp}${fraction}Z${after}`);
  for (const socket of server.clients) {
    if (socket.bufferedAmount > BEHIND_BYTES) continue;
    socket._socket.cork();
    for (let i = 0; i < frames; i++) socket.send(text, { binary: false });
    socket._socket.uncork();
  }
}

let generation = 0;

function flood(frames, mine) {
  if (mine !== generation) return;
  broadcast(frames, Date.now() * 1_000);
  setImmediate(flood, frames, mine);
}

function pace(frames, interval, due, mine) {
  if (mine !== generation) return;
  const now = Date.now() * 1_000;
  if (due <= now) {
    broadcast(frames, due);
    due += interval;
  }
  setTimeout(pace, Math.max(0, (due - now) / 1_000), frames, interval, due, mine);
}

process.stdin.on("data", (lines) => {
  const [frames, perSecond] = String(lines).trimEnd().split("\n").at(-1).split(" ").map(Number);
  const mine = ++generation;
  if (frames > 0 && perSecond > 0) pace(frames, 1e6 / perSecond, Date.now() * 1_000, mine);
  else if (frames > 0) flood(frames, mine);
});
process.stdin.on("end", () => process.exit(0));
