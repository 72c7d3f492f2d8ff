import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { JsonObject } from '../protocol/canonicalJson';
import { checksum, wholeText } from '../protocol/delta';
import { importSessionKey, signFrame } from '../protocol/signing';
import { connectionWorld, type FakeSocket, sentCount, type SentFrame } from '../testing/realtime';

const SESSION_KEY = 'ab'.repeat(32);

describe('RealtimeConnection', () => {
  let world: ReturnType<typeof connectionWorld>;

  beforeEach(() => {
    world = connectionWorld();
  });

  /** Open a socket and get through its first frame. */
  async function enter(answer = 'auth_success', more: object = {}): Promise<FakeSocket> {
    const socket = world.newest();
    socket.onopen?.();
    await sentCount(socket, 1);
    socket.deliver(answer, { player_id: 'p-1', session_key: SESSION_KEY, ...more });
    return socket;
  }

  function lastPhase(): string | undefined {
    return world.listener.lifecycle.mock.lastCall?.[0].phase;
  }

  it('authenticates in the first frame and then subscribes with a signature', async () => {
    world.connection.start();
    world.connection.subscribe(['market.ore']);
    const socket = await enter();
    const [first, second] = await sentCount(socket, 2);
    expect(first).toMatchObject({ type: 'authenticate', data: { token: 'access' }, signature: '' });
    expect(second).toMatchObject({
      type: 'subscribe',
      data: { channels: ['market.ore'], deltas: true },
    });
    expect(second?.counter).toBeGreaterThan(first?.counter ?? Infinity);
    if (second === undefined) throw new Error('two frames were sent');
    const { signature, ...signed } = second;
    expect(signature).toBe(await signFrame(await importSessionKey(SESSION_KEY), signed));
    expect(lastPhase()).toBe('live');
  });

  it('says that prices are old while answers come but no prices do', async () => {
    world.connection.start();
    world.connection.subscribe(['market.ore']);
    const socket = await enter();
    for (let second = 0; second < 6; second++) {
      world.pass(1_000);
      socket.deliver('pong', {});
    }
    expect(lastPhase()).toBe('stale');
    socket.deliver('subscribed', {
      channels: [{ channel: 'market.ore', epoch: 'e', offset: 4, snapshot: 'old' }],
    });
    expect(lastPhase()).toBe('stale');
    socket.deliver('market_update', 'new', { channel: 'market.ore', epoch: 'e', offset: 5 });
    expect(lastPhase()).toBe('live');
  });

  it('says that prices are old as long as the server says so', async () => {
    world.connection.start();
    const socket = await enter();
    socket.deliver('stale', { stale: true });
    expect(lastPhase()).toBe('stale');
    world.connection.subscribe(['market.ore']);
    const update = { channel: 'market.ore', epoch: 'e' };
    socket.deliver('market_update', 'replayed', { ...update, offset: 5 });
    expect(lastPhase()).toBe('stale');
    socket.deliver('stale', { stale: false });
    socket.deliver('market_update', 'new', { ...update, offset: 6 });
    expect(lastPhase()).toBe('live');
  });

  it('hands on snapshots and updates in order, once each, and names gaps', async () => {
    world.connection.start();
    world.connection.subscribe(['market.ore']);
    const socket = await enter();
    const at = (offset: number, epoch = 'e') => ({ channel: 'market.ore', epoch, offset });
    socket.deliver('subscribed', { channels: [{ ...at(4), snapshot: 'four' }] });
    socket.deliver('market_update', 'five', at(5));
    socket.deliver('market_update', 'five again', at(5));
    socket.deliver('market_update', 'eight', at(8));
    socket.deliver('market_update', 'anew', at(1, 'f'));
    socket.deliver('market_update', 'not ours', { ...at(9), channel: 'market.fuel' });
    expect(world.listener.published.mock.calls.map(([, data]) => data)).toEqual([
      'four',
      'five',
      'eight',
      'anew',
    ]);
    expect(world.listener.gap.mock.calls).toEqual([
      ['market.ore', 2],
      ['market.ore', null],
    ]);
  });

  it('comes back after a loss saying where it was, and follows what the server answers', async () => {
    world.connection.start();
    world.connection.subscribe(['market.ore', 'market.fuel', 'account']);
    const socket = await enter();
    await sentCount(socket, 2);
    for (const channel of ['market.ore', 'market.fuel']) {
      socket.deliver('market_update', 'old', { channel, epoch: 'e', offset: 7 });
    }
    socket.onclose?.({ code: 1006 });
    expect(lastPhase()).toBe('reconnecting');
    world.pass(1_000);
    const replay = { channel: 'market.ore', epoch: 'e', offset: 9, outcome: 'replay', missed: 2 };
    const snapshot = { ...replay, channel: 'market.fuel', outcome: 'snapshot', missed: 40 };
    const back = await enter('resumed', { channels: [replay, snapshot], commands: [] });
    const [resume, subscribe] = await sentCount(back, 2);
    expect(resume).toMatchObject({
      type: 'resume',
      session_id: 'session-1',
      data: {
        token: 'access',
        deltas: true,
        positions: [
          { channel: 'market.ore', epoch: 'e', offset: 7 },
          { channel: 'market.fuel', epoch: 'e', offset: 7 },
        ],
      },
    });
    expect(world.listener.gap.mock.calls).toEqual([['market.fuel', 40]]);
    expect(world.listener.resumed.mock.calls).toEqual([[[replay, snapshot]]]);
    expect(subscribe?.data).toEqual({ channels: ['market.fuel', 'account'], deltas: true });
  });

  describe('with deltas', () => {
    const ORE = 'market.ore';

    function whole(offset: number): JsonObject {
      const data = { price: 50 + offset, high: 99 };
      const place = { channel: ORE, epoch: 'e', offset, session_id: 'stream', timestamp: 'now' };
      return { ...place, type: 'market_update', data, kid: 'k', signature: `of ${offset}` };
    }

    function deliver(socket: FakeSocket, frame: JsonObject): void {
      socket.onmessage?.({ data: JSON.stringify(frame) });
    }

    /** Deliver what makes the frame at an offset of the one before it. */
    function deliverDelta(socket: FakeSocket, offset: number, sum?: string): void {
      const set = {
        '/offset': offset,
        '/data/price': 50 + offset,
        '/signature': `of ${offset}`,
      };
      const data = { base: offset - 1, set, checksum: sum ?? checksum(wholeText(whole(offset))) };
      deliver(socket, { type: 'delta', channel: ORE, epoch: 'e', offset, data });
    }

    function answer(socket: FakeSocket, offset: number, snapshot: string): void {
      const entry = { channel: ORE, epoch: 'e', offset, snapshot, deltas: true };
      socket.deliver('subscribed', { channels: [entry] });
      deliver(socket, whole(offset));
    }

    async function follow(): Promise<FakeSocket> {
      world.connection.start();
      world.connection.subscribe([ORE]);
      const socket = await enter();
      await sentCount(socket, 2);
      answer(socket, 4, 'four');
      return socket;
    }

    function published(): unknown[] {
      return world.listener.published.mock.calls.map(([, data]) => data);
    }

    it('hands on what they stand for', async () => {
      const socket = await follow();
      deliverDelta(socket, 5);
      deliverDelta(socket, 6);
      deliver(socket, whole(9));
      deliverDelta(socket, 10);
      const prices = [55, 56, 59, 60].map((price) => ({ price, high: 99 }));
      expect(published()).toEqual(['four', ...prices]);
      expect(world.listener.gap.mock.calls).toEqual([[ORE, 2]]);
      expect(lastPhase()).toBe('live');
    });

    it.each([
      ['the checksum is another', (socket: FakeSocket) => deliverDelta(socket, 5, '00000000')],
      ['one was missed', (socket: FakeSocket) => deliverDelta(socket, 6)],
    ])('asks once for the channel anew where %s, and goes on', async (_, unfit) => {
      const socket = await follow();
      unfit(socket);
      deliverDelta(socket, 7);
      const sent = await sentCount(socket, 3);
      expect(sent[2]).toMatchObject({ type: 'subscribe', data: { channels: [ORE], deltas: true } });
      answer(socket, 7, 'seven');
      deliverDelta(socket, 8);
      expect(published()).toEqual(['four', 'seven', { price: 58, high: 99 }]);
      expect(world.listener.gap.mock.calls).toEqual([[ORE, 3]]);
      expect(socket.sent).toHaveLength(3);
    });

    describe('whose renewal is refused', () => {
      const FUEL = 'market.fuel';
      const RATE = { code: 'message_rate_exceeded', reason: 'Too many messages a second.' };
      const FULL = { code: 'too_many_subscriptions', reason: 'Too many subscriptions.' };

      /** Follow two goods, and miss a change of one; return the refused request's frame. */
      async function refuse(refusal: object): Promise<[FakeSocket, SentFrame]> {
        const socket = await follow();
        deliverDelta(socket, 6);
        const renewal = (await sentCount(socket, 3))[2];
        if (renewal === undefined) throw new Error('three frames were sent');
        socket.deliver('error', refusal, { id: renewal.id });
        return [socket, renewal];
      }

      /** Let a second pass in which another good has a price, and this one a delta. */
      function second(socket: FakeSocket, offset: number): void {
        world.pass(1_000);
        socket.deliver('market_update', 'fuel', { channel: FUEL, epoch: 'e', offset });
        deliverDelta(socket, offset + 10);
      }

      function renewals(socket: FakeSocket): number {
        return socket.sent.filter(({ type }) => type === 'subscribe').length - 1;
      }

      it('is repeated after the wait that the server asks for, each time longer', async () => {
        const later = { ...RATE, retry: 'later', retry_after_ms: 400 };
        const [socket, first] = await refuse(later);
        world.pass(649);
        expect(renewals(socket)).toBe(1);
        world.pass(1);
        const again = (await sentCount(socket, 4))[3];
        expect(again).toMatchObject({ type: 'subscribe', data: first.data });
        expect(again?.counter).toBeGreaterThan(first.counter);
        socket.deliver('error', later, { id: again?.id });
        world.pass(899);
        await Promise.resolve();
        expect(renewals(socket)).toBe(2);
        world.pass(1);
        await vi.waitFor(() => expect(renewals(socket)).toBe(3));
        answer(socket, 7, 'seven');
        deliverDelta(socket, 8);
        expect(published()).toEqual(['four', 'seven', { price: 58, high: 99 }]);
        expect(world.listener.refused).not.toHaveBeenCalled();
      });

      it('leaves prices old while one stands still, whatever comes of others', async () => {
        const [socket] = await refuse({ ...RATE, retry: 'later', retry_after_ms: 9_000 });
        world.connection.subscribe([FUEL]);
        for (let offset = 1; offset <= 6; offset += 1) second(socket, offset);
        expect(lastPhase()).toBe('stale');
        answer(socket, 17, 'whole');
        second(socket, 8);
        expect(lastPhase()).toBe('live');
      });

      it('is told, not repeated, where a wait does not help', async () => {
        const [socket] = await refuse({ ...FULL, retry: 'never' });
        world.connection.subscribe([FUEL]);
        for (let offset = 1; offset <= 8; offset += 1) second(socket, offset);
        expect(world.listener.refused.mock.calls).toEqual([[[ORE], FULL.reason]]);
        expect(lastPhase()).toBe('stale');
        await vi.waitFor(() => expect(renewals(socket)).toBe(2));
        expect(socket.sent.at(-1)?.data.channels).not.toEqual([ORE]);
        world.connection.unsubscribe([ORE]);
        second(socket, 9);
        expect(lastPhase()).toBe('live');
      });

      it('is not repeated for a channel that was let go meanwhile', async () => {
        const [socket] = await refuse({ ...RATE, retry: 'same_id' });
        world.connection.unsubscribe([ORE]);
        world.pass(5_000);
        await vi.waitFor(() => expect(socket.sent.at(-1)?.type).toBe('ping'));
        expect(renewals(socket)).toBe(1);
      });

      it('is not repeated on another line, which asks anew by itself', async () => {
        const [socket] = await refuse({ ...RATE, retry: 'later', retry_after_ms: 2_000 });
        socket.onclose?.({ code: 1006 });
        world.pass(500);
        const lost = { channel: ORE, epoch: 'e', offset: 4, outcome: 'snapshot', missed: 9 };
        const back = await enter('resumed', { channels: [lost], commands: [] });
        world.pass(4_000);
        await vi.waitFor(() => expect(back.sent.at(-1)?.type).toBe('ping'));
        expect(renewals(back)).toBe(0);
      });
    });

    it('warns of a refusal of anything else', async () => {
      const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
      const socket = await follow();
      const refusal = { code: 'invalid_request', retry: 'never', reason: 'No.' };
      socket.deliver('error', refusal);
      socket.deliver('error', refusal, { id: 'other' });
      expect(warn.mock.calls).toEqual([['invalid_request: No.'], ['invalid_request: No.']]);
      expect(world.listener.refused).not.toHaveBeenCalled();
    });

    it('passes over those of channels that it does not follow any more', async () => {
      const socket = await follow();
      world.connection.unsubscribe([ORE]);
      await sentCount(socket, 3);
      deliverDelta(socket, 5);
      expect(published()).toEqual(['four']);
      expect(socket.sent).toHaveLength(3);
    });

    it('begins with a whole frame after a loss', async () => {
      const socket = await follow();
      deliverDelta(socket, 5);
      socket.onclose?.({ code: 1006 });
      world.pass(1_000);
      const replay = { channel: ORE, epoch: 'e', offset: 5, outcome: 'replay', missed: 0 };
      const back = await enter('resumed', { channels: [replay], commands: [] });
      deliver(back, whole(5));
      deliverDelta(back, 6);
      expect(published()).toEqual(['four', { price: 55, high: 99 }, { price: 56, high: 99 }]);
      expect(back.sent).toHaveLength(1);
    });
  });

  it('asks for the fate of commands in doubt, even where it followed no channel', async () => {
    world.commandsInDoubt.push('c-1');
    world.connection.start();
    const fate = { command_id: 'c-1', status: 'never_seen' };
    const socket = await enter('resumed', { channels: [], commands: [fate] });
    const [resume] = await sentCount(socket, 1);
    expect(resume?.data).toMatchObject({ positions: [], commands: ['c-1'] });
    expect(world.listener.fates.mock.calls).toEqual([[[fate]]]);
  });

  it('renews the token when it is not taken, and greets anew', async () => {
    world.connection.start();
    const socket = world.newest();
    socket.onopen?.();
    await sentCount(socket, 1);
    socket.deliver('auth_failed', { code: 'token_expired', retry: 'never', reason: 'Expired.' });
    expect(world.renewToken).toHaveBeenCalledOnce();
    expect(socket.closedWith).toBe(1000);
    world.pass(1_000);
    expect(world.sockets).toHaveLength(2);
  });

  it('renews the token when the server closes for good', async () => {
    world.connection.start();
    const socket = await enter();
    socket.onclose?.({ code: 4500 });
    expect(world.renewToken).toHaveBeenCalledOnce();
  });

  it('measures the round trip of a new line at once, and then now and again', async () => {
    world.connection.start();
    const socket = await enter();
    world.pass(1_000);
    const [, ping] = await sentCount(socket, 2);
    expect(ping?.type).toBe('ping');
    world.pass(35);
    socket.deliver('pong', {});
    expect(world.listener.roundTrip.mock.calls).toEqual([[35]]);
    world.pass(9_000);
    expect(socket.sent).toHaveLength(2);
    world.pass(1_000);
    await sentCount(socket, 3);
  });

  it('authenticates again in band before the token ends, keeping its subscriptions', async () => {
    world.connection.start();
    const socket = await enter();
    for (let second = 0; second < 300; second += 1) {
      world.pass(1_000);
      socket.deliver('pong', {});
    }
    await vi.waitFor(() => {
      expect(socket.sent.map((frame) => frame.type)).toContain('authenticate');
      expect(socket.sent.filter((frame) => frame.type === 'authenticate')).toHaveLength(2);
    });
    const counters = socket.sent.map((frame) => frame.counter);
    expect(counters).toEqual([...counters].sort((one, other) => one - other));
    socket.deliver('auth_success', { player_id: 'p-1', session_key: SESSION_KEY });
    expect(world.sockets).toHaveLength(1);
    expect(lastPhase()).toBe('stale');
  });

  it('lives through text that is no frame', async () => {
    world.connection.start();
    const socket = await enter();
    socket.onmessage?.({ data: 'not json' });
    socket.onmessage?.({ data: '{"type":1}' });
    expect(lastPhase()).toBe('live');
  });

  it('is silent after it was stopped', async () => {
    world.connection.start();
    const socket = await enter();
    world.connection.stop();
    expect(socket.closedWith).toBe(1000);
    world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
    expect(lastPhase()).toBe('signed_out');
  });
});
